"""What a reader says about a file: rows in = rows kept + rows refused, by reason."""

from dataclasses import dataclass, field

from wildways.model.errors import Place


@dataclass(frozen=True)
class Finding:
    """Rows refused for one reason, or something worth knowing about rows that were kept."""

    code: str
    message: str
    n_rows: int
    refused: bool = False
    place: Place = field(default_factory=Place)
    example: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class FileReport:
    """The account of one source file. ``n_rows == n_kept + n_refused``, always."""

    path: str
    source_file_id: str
    n_rows: int
    n_kept: int
    findings: tuple[Finding, ...] = ()
    already_stored: bool = False

    @property
    def n_refused(self) -> int:
        """Rows refused, over all reasons."""
        return sum(finding.n_rows for finding in self.findings if finding.refused)

    @property
    def refused_by_reason(self) -> dict[str, int]:
        """Refused rows by the code of the reason."""
        return {finding.code: finding.n_rows for finding in self.findings if finding.refused}
