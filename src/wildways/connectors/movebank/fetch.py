"""Takes a study from Movebank into the atlas folder, as CSV files that the reader ``movebank-csv`` reads.

::

    data/movebank/2911040/
    ├── events.csv       one row an event
    ├── reference.csv    one row a deployment
    ├── study.json       what Movebank says of the study: citation, licence, principal investigator
    ├── licence.json     the terms of use that were accepted, when and by whom
    ├── fetch.json       up to when the files are current
    └── unfinished/      parts of a fetch that was cut short
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from wildways.connectors.clock import Clock
from wildways.connectors.credentials import Credentials, find_credentials
from wildways.connectors.files import read_json, write_json
from wildways.connectors.licence import Agreement
from wildways.connectors.lock import cache_folder, only_one
from wildways.connectors.movebank.merge import Merged, merge_events
from wildways.connectors.movebank.plan import make_plan
from wildways.connectors.movebank.service import RESOURCE, SERVER, Movebank
from wildways.connectors.movebank.state import STATE_FILE, Plan, State, Window, read_state, write_state
from wildways.connectors.movebank.study import EVENT_KEYS, Study, read_study
from wildways.connectors.report import FetchReport
from wildways.connectors.web import Web
from wildways.model import Conflict, Finding, MovebankStudy, NotAllowed, Place, Progress, Source

EVENTS = "events.csv"
REFERENCE = "reference.csv"
FILES = (EVENTS, REFERENCE)
LICENCE = "licence.json"
STUDY = "study.json"
UNFINISHED = "unfinished"
SERVER_VARIABLE = "MOVEBANK_SERVER"


def fetch_study(
    source: Source,
    wanted: MovebankStudy,
    folder: Path,
    *,
    module_id: str,
    clock: Clock,
    progress: Progress,
    accept: bool = False,
    refresh: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> FetchReport:
    """Fetch a study, or what was updated in it since the last fetch. A fetch that is cut short goes on where it was.

    Parameters
    ----------
    folder : where the files go; made where it is missing
    accept : whether the user accepts whatever terms of use Movebank lays before them
    refresh : whether to fetch all events anew, which alone shows what the owner deleted
    environment : ``MOVEBANK_TOKEN``, or ``MOVEBANK_USERNAME`` and ``MOVEBANK_PASSWORD``; ``NETRC``; ``MOVEBANK_SERVER``

    Raises
    ------
    LicenceNotAccepted : the user has to accept terms of use first
    NotAllowed, NotFound, BadInput : the study is not for this account, does not exist, or is asked for wrongly
    Conflict : another fetch is running, or the folder holds events that came another way
    LimitReached, Corrupt : the service is busy or sends incomplete data; what was complete is kept
    """
    server = environment.get(SERVER_VARIABLE) or SERVER
    host = urlsplit(server).hostname or server
    credentials = find_credentials("MOVEBANK", host, environment)
    _refuse_foreign(folder)
    with ExitStack() as stack:
        lock = hashlib.sha256(host.encode()).hexdigest()[:16]
        stack.enter_context(only_one(cache_folder(environment) / f"{lock}.lock", f"downloading from {host}", clock))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(only_one(folder / "fetch.lock", f"fetching into {folder}", clock))
        web = stack.enter_context(Web(server.rstrip("/") + RESOURCE, credentials, clock))
        return _Fetch(source, wanted, folder, web, credentials, clock, progress, accept=accept).run(module_id, refresh)


class _Fetch:
    """One fetch of one study, under its locks."""

    def __init__(
        self,
        source: Source,
        wanted: MovebankStudy,
        folder: Path,
        web: Web,
        credentials: Credentials,
        clock: Clock,
        progress: Progress,
        *,
        accept: bool,
    ) -> None:
        self._source, self._wanted, self._folder, self._web, self._clock = source, wanted, folder, web, clock
        self._progress = progress
        title = f"Movebank study {wanted.study_id}"
        self._agreement = Agreement(folder / LICENCE, title, credentials.username, clock, accept=accept)
        self._movebank = Movebank(web, credentials, self._agreement)
        self._unfinished = folder / UNFINISHED
        self._remarks: list[Finding] = []

    def run(self, module_id: str, refresh: bool) -> FetchReport:
        self._unfinished.mkdir(exist_ok=True)
        study = read_study(self._movebank, self._wanted, self._unfinished, self._clock)
        plan = self._begin(study, refresh)
        parts = [self._part(study, plan, number) for number in range(len(plan.windows))]
        merged = self._merge(study, plan, parts)
        n_deployments = study.reference.write(self._folder / REFERENCE, study.name)
        self._remark_study(study)
        write_json(self._folder / STUDY, {field: text for field, text in study.row.items() if text})
        self._finish(plan, merged)
        return FetchReport(
            module_id=module_id,
            source_id=self._source.id,
            service="movebank",
            study_id=self._wanted.study_id,
            study=study.name,
            folder=str(Path(self._source.path).parent),
            n_rows=merged.n_rows,
            n_downloaded=merged.n_downloaded,
            n_added=merged.n_added,
            n_changed=merged.n_changed,
            n_removed=merged.n_removed,
            n_deployments=n_deployments,
            n_requests=self._web.n_requests,
            is_full=plan.is_full,
            accepted="" if self._agreement.accepted is None else self._agreement.accepted.text,
            remarks=tuple(self._remarks),
        )

    def _begin(self, study: Study, refresh: bool) -> Plan:
        """The fetch that was cut short, or a new one, written down before its first request."""
        state = read_state(self._folder, self._wanted.study_id)
        if state.current_utc is not None and not (self._folder / EVENTS).is_file():
            state = State(study_id=self._wanted.study_id, plan=state.plan)
        plan = make_plan(
            state,
            request=self._request(study),
            now_utc=study.now_utc,
            sensor_ids=list(study.sensors),
            extent=study.extent,
            tags=study.reference.fingerprints(),
            refresh=refresh,
        )
        if plan != state.plan:
            shutil.rmtree(self._unfinished)
            self._unfinished.mkdir()
            write_state(self._folder, state.model_copy(update={"plan": plan}))
        return plan

    def _request(self, study: Study) -> str:
        """Fingerprint of what is asked for; what was fetched under another one cannot be brought up to date."""
        asked = [self._wanted.model_dump(mode="json"), list(study.sensors), study.individual_ids]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]

    def _part(self, study: Study, plan: Plan, number: int) -> Path:
        """One window of events as a file; it is there, or it is whole before it gets its name."""
        part = self._unfinished / f"part-{number:05d}.csv"
        label = f"study {self._wanted.study_id}: request {number + 1} of {len(plan.windows)}"
        self._progress(number, len(plan.windows), label)
        if not part.exists():
            window = plan.windows[number]
            partial = part.with_suffix(".partial")
            parameters = _parameters(window, study.attributes[window.sensor_id], study.individual_ids)
            study_id = str(self._wanted.study_id)
            saved = self._movebank.save("event", partial, needed=EVENT_KEYS, study_id=study_id, **parameters)
            if not saved.has_table:
                partial.write_text(",".join(EVENT_KEYS) + "\n", encoding="utf-8")
            if not saved.answer.is_end_known:
                self._remark("end-unknown", "A download did not say where it ends; a cut could not be noticed.")
            partial.replace(part)
        self._progress(number + 1, len(plan.windows), label)
        return part

    def _merge(self, study: Study, plan: Plan, parts: Sequence[Path]) -> Merged:
        n_expected = study.extent.n_rows
        if plan.is_full and n_expected and not study.individual_ids and not any(_has_rows(part) for part in parts):
            raise NotAllowed(
                "study-without-events",
                f"Study {self._wanted.study_id} has {n_expected:,} positions, but Movebank gave this account none.",
                hint="Ask the owner for permission to download, or check the sensors. What was there is kept.",
            )
        merged = merge_events(
            parts,
            self._folder / EVENTS,
            keep_stored=not plan.is_full,
            replaced_tags=plan.replaced_tags,
            sensors=study.sensors,
            study_name=study.name,
        )
        if merged.n_foreign:
            self._remark(
                "sensor-not-asked", "Rows of sensors that were not asked for came and are left out.", merged.n_foreign
            )
        return merged

    def _remark_study(self, study: Study) -> None:
        if study.licence is not None and study.licence != self._source.licence:
            self._remark(
                "licence-differs",
                f"Movebank gives the licence {study.licence}; the source says {self._source.licence}.",
                hint=f'Set licence = "{study.licence}" in the source, or ask the owner.',
            )
        terms = ("license_type", "license_terms")
        before = read_json(self._folder / STUDY)
        if before and any(before.get(field, "") != study.row.get(field, "") for field in terms):
            self._remark("terms-changed", "The study's licence or terms of use have changed since the last fetch.")
        if not study.sensors:
            self._remark("no-sensor", "The study has no data of the sensors that are asked for.")

    def _remark(self, code: str, message: str, n_rows: int = 0, *, hint: str | None = None) -> None:
        if code not in {remark.code for remark in self._remarks}:
            self._remarks.append(Finding(code, message, n_rows, hint=hint))

    def _finish(self, plan: Plan, merged: Merged) -> None:
        state = State(
            study_id=self._wanted.study_id,
            request=plan.request,
            current_utc=plan.begun_utc,
            tags=plan.tags,
            n_rows=merged.n_rows,
        )
        write_state(self._folder, state)
        shutil.rmtree(self._unfinished)


def _parameters(window: Window, attributes: Sequence[str], individual_ids: Sequence[str]) -> dict[str, str]:
    asked = {
        "sensor_type_id": str(window.sensor_id),
        "attributes": ",".join(attributes),
        "timestamp_start": window.start,
        "timestamp_end": window.end,
        "update_ts_start": window.updated_since,
        "tag_id": window.tag_id,
        "individual_id": ",".join(individual_ids) or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _has_rows(part: Path) -> bool:
    with part.open("rb") as stream:
        stream.readline()
        return bool(stream.readline())


def _refuse_foreign(folder: Path) -> None:
    """Refuse to overwrite files that did not come from a fetch."""
    for name in FILES:
        if (folder / name).exists() and not (folder / STATE_FILE).exists():
            raise Conflict(
                "fetch-foreign",
                "This file did not come from `wildways fetch` and would be overwritten.",
                hint="Move it away, or give the source another folder.",
                place=Place(folder / name),
            )
