"""What a fetch came to."""

from dataclasses import dataclass
from typing import Any

from wildways.model import Finding


@dataclass(frozen=True)
class FetchReport:
    """What was fetched for one source.

    Parameters
    ----------
    folder : where it lies, relative to the atlas
    n_rows : events there are now
    n_downloaded : rows that came, counting each as often as it came
    n_added, n_changed, n_removed : events since the last fetch
    n_deployments : rows of the reference table
    n_requests : asked of the service, with those that were tried again
    is_full : whether all events were fetched; otherwise what was updated
    accepted : terms of use that were accepted now; empty if none
    remarks : what is worth knowing
    """

    module_id: str
    source_id: str
    service: str
    study_id: int
    study: str
    folder: str
    n_rows: int
    n_downloaded: int
    n_added: int
    n_changed: int
    n_removed: int
    n_deployments: int
    n_requests: int
    is_full: bool
    accepted: str = ""
    remarks: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "module": self.module_id,
            "source": self.source_id,
            "service": self.service,
            "study_id": self.study_id,
            "study": self.study,
            "folder": self.folder,
            "rows": self.n_rows,
            "downloaded": self.n_downloaded,
            "added": self.n_added,
            "changed": self.n_changed,
            "removed": self.n_removed,
            "deployments": self.n_deployments,
            "requests": self.n_requests,
            "full": self.is_full,
            "accepted": self.accepted or None,
            "remarks": [
                {"code": remark.code, "message": remark.message, "rows": remark.n_rows, "hint": remark.hint}
                for remark in self.remarks
            ],
        }
