"""A small Movebank on this machine that answers as the real one does, and misbehaves on demand."""

import base64
import csv
import gzip
import hashlib
import io
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USERNAME, PASSWORD, TOKEN = "curie", "s3cr3t pass&word", "tok-123456"
STUDY_ID = 2911040
GPS, ACCELERATION, ARGOS = 653, 2365683, 82798
TERMS = (
    "The requested download may contain copyrighted material. You may only download it if you agree with the terms "
    'listed below.<p>\n<div style="font-weight:bold;">Study License Information valid at {stamp}</div>\n<br>\n'
    "<span>Name: </span>Galapagos Albatrosses<br>\n<span>License Terms: </span>{terms}<br>\n</p>\n"
)
FORBIDDEN = "<p>No data available.</p><p>Please contact the data owner for permission to access data.</p>"
NO_DATA = "<p>No data are available for download.</p>"

Row = dict[str, str]
Trick = Callable[["Handler"], bool]
"""Called once with a request; returns whether it answered it."""


def event(
    number: int, minute: int, *, tag: int = 1, sensor: int = GPS, updated: str = "2020-01-01", **more: str
) -> Row:
    """An event row as it is stored; minutes count from the first of June 2008."""
    day, rest = divmod(minute, 1440)
    return {
        "event_id": str(number),
        "timestamp": f"2008-06-{1 + day:02d} {rest // 60:02d}:{rest % 60:02d}:00.000",
        "location_long": f"{-89.7 - number / 1000:.3f}",
        "location_lat": "-1.37",
        "visible": "true",
        "tag_id": str(tag),
        "sensor_type_id": str(sensor),
        "update_ts": f"{updated} 00:00:00.000",
        "ground_speed": "0.5",
        **more,
    }


@dataclass
class Study:
    """What the fake holds."""

    events: list[Row] = field(default_factory=list)
    individuals: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    deployments: list[Row] = field(default_factory=list)
    n_told: int | None = None
    name: str = "Galapagos Albatrosses"
    license_type: str = "CC_0"
    download_access: str = "true"


def make_study(n_animals: int = 2, n_events: int = 6) -> Study:
    """Some animals, each with a tag, a deployment and a few events."""
    numbers = range(1, n_animals + 1)
    return Study(
        events=[event(100 * tag + k, 60 * k + tag, tag=tag) for tag in numbers for k in range(n_events)],
        individuals=[
            {
                "id": str(10 + n),
                "local_identifier": f"bird, {n}",
                "sex": "f",
                "ring_id": f"R{n}",
                "taxon_canonical_name": "Phoebastria irrorata",
                "comments": 'said "so",\nand more',
                "number_of_events": "7",
            }
            for n in numbers
        ],
        tags=[{"id": str(n), "local_identifier": f"T{n}", "model": "e-obs", "weight": "22"} for n in numbers],
        deployments=[
            {
                "id": str(1000 + n),
                "local_identifier": f"D{n}",
                "tag_id": str(n),
                "individual_id": str(10 + n),
                "deploy_on_timestamp": "2008-05-31 06:00:00.000",
                "deploy_off_timestamp": "",
                "animal_life_stage": "adult",
                "manipulation_type": "none",
            }
            for n in numbers
        ],
    )


class FakeMovebank:
    """The service; its behaviour is set through its attributes.

    Parameters of behaviour: `terms` (text that has to be accepted, or nothing), `tricks` (one is played at each request
    for events, then gone), `clock` (what it thinks the time is), `chunked`, `zipped`, `is_public`.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.terms: str | None = None
        self.tricks: deque[Trick] = deque()
        self.date = "Mon, 01 Jun 2026 12:00:00 GMT"
        self.chunked = self.zipped = self.is_public = False
        self.asked: list[dict[str, str]] = []
        self.sent_headers: list[dict[str, str]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._room = threading.Condition()
        self._offered: dict[str, str] = {}
        self._accepted = ""
        self.n_shown = 0

    @property
    def events_asked(self) -> list[dict[str, str]]:
        """The requests for events, in order."""
        return [asked for asked in self.asked if asked["entity_type"] == "event"]

    @contextmanager
    def busy(self) -> Iterator[bool]:
        """Count requests at the same time; says whether there is room for this one.

        A request whose last byte was just sent may still be on its way out and is waited for.
        """
        with self._room:
            self._at_once += 1
            has_room = self._room.wait_for(lambda: self._at_once == 1, timeout=0.2)
            self.most_at_once = max(self.most_at_once, 1 if has_room else self._at_once)
        try:
            yield has_room
        finally:
            with self._room:
                self._at_once -= 1
                self._room.notify_all()

    def is_known(self, headers: dict[str, str], asked: dict[str, str]) -> bool:
        basic = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        return self.is_public or headers.get("authorization") == basic or asked.get("api-token") == TOKEN

    def offer(self, session: str) -> str:
        """The page with the terms; like the real one it holds the time of day, so that no two are equal."""
        self.n_shown += 1
        page = TERMS.format(stamp=f"2026-06-01 12:00:{self.n_shown:02d}", terms=self.terms)
        self._offered[session] = hashlib.md5(page.encode(), usedforsecurity=False).hexdigest()
        return page

    def has_agreed(self, session: str, md5: str) -> bool | None:
        """Whether the terms are accepted; nothing where the MD5 is not that of what this session was shown."""
        if self.terms is None or self._accepted == self.terms:
            return True
        if not md5:
            return False
        if self._offered.get(session) != md5:
            return None
        self._accepted = self.terms
        return True

    def rows(self, asked: dict[str, str]) -> tuple[list[str], list[Row]] | str:
        entity, study = asked["entity_type"], self.study
        if asked.get("study_id", asked.get("tag_study_id")) != str(STUDY_ID):
            return (["id", "name"], []) if entity == "study" else FORBIDDEN
        if entity == "study":
            return _table([self._about()])
        if entity == "sensor":
            pairs = sorted({(row["tag_id"], row["sensor_type_id"]) for row in study.events})
            return ["id", "sensor_type_id", "tag_id"], [
                {"id": str(k), "sensor_type_id": sensor, "tag_id": tag} for k, (tag, sensor) in enumerate(pairs)
            ]
        if entity == "study_attribute":
            names = ["ground_speed", "location_lat", "location_long", "timestamp", "update_ts", "visible"]
            return _table([{"study_id": str(STUDY_ID), "short_name": name, "data_type": "?"} for name in names])
        if entity == "deployment":
            columns = asked.get("attributes", "").split(",") if "attributes" in asked else None
            hidden = {"tag_id", "individual_id"}
            every = [column for column in _table(study.deployments)[0] if column not in hidden]
            return columns or every, study.deployments
        if entity in ("individual", "tag"):
            return _table(study.individuals if entity == "individual" else study.tags)
        return asked["attributes"].split(","), [self._joined(row) for row in study.events if _wanted(row, asked)]

    def _about(self) -> Row:
        times = sorted(row["timestamp"] for row in self.study.events) or [""]
        told = self.study.n_told
        return {
            "id": str(STUDY_ID),
            "name": self.study.name,
            "citation": "Cruz S et al. 2013.",
            "license_type": self.study.license_type,
            "i_have_download_access": self.study.download_access,
            "number_of_deployed_locations": str(len(self.study.events) if told is None else told),
            "timestamp_first_deployed_location": times[0],
            "timestamp_last_deployed_location": times[-1],
        }

    def _joined(self, row: Row) -> Row:
        tags = {tag["id"]: tag for tag in self.study.tags}
        individuals = {individual["id"]: individual for individual in self.study.individuals}
        deployment = next((d for d in self.study.deployments if d["tag_id"] == row["tag_id"]), None)
        names = {"tag_local_identifier": tags.get(row["tag_id"], {}).get("local_identifier", "")}
        if deployment:
            individual = individuals[deployment["individual_id"]]
            names |= {
                "individual_id": individual["id"],
                "deployment_id": deployment["id"],
                "individual_local_identifier": individual["local_identifier"],
                "individual_taxon_canonical_name": individual["taxon_canonical_name"],
            }
        return row | names


def _wanted(row: Row, asked: dict[str, str]) -> bool:
    stamp, updated = (_digits(row[key]) for key in ("timestamp", "update_ts"))
    return (
        row["sensor_type_id"] == asked["sensor_type_id"]
        and asked.get("timestamp_start", "") <= stamp <= asked.get("timestamp_end", "9")
        and asked.get("update_ts_start", "") <= updated
        and asked.get("tag_id", row["tag_id"]) == row["tag_id"]
    )


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _table(rows: list[Row]) -> tuple[list[str], list[Row]]:
    return list(rows[0]) if rows else ["id", "local_identifier", "tag_id", "individual_id"], rows


def to_csv(columns: list[str], rows: list[Row]) -> bytes:
    """CSV as Movebank writes it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    fake: FakeMovebank

    def do_GET(self) -> None:
        with self.fake.busy() as has_room:
            asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            self.fake.asked.append(asked)
            self.fake.sent_headers.append({key.lower(): value for key, value in self.headers.items()})
            if not has_room:
                self.answer(429, b"You have triggered a rate limiting mechanism.", retry_after="1")
                return
            if asked.get("entity_type") == "event" and self.fake.tricks and self.fake.tricks.popleft()(self):
                return
            self._answer(asked)

    def _answer(self, asked: dict[str, str]) -> None:
        if not self.fake.is_known(self.fake.sent_headers[-1], asked):
            self.answer(401, b"<html><body><h1>HTTP Status 401 - Bad credentials</h1></body></html>")
            return
        session = self.headers.get("Cookie", "")
        if asked.get("entity_type") == "event":
            agreed = self.fake.has_agreed(session, asked.get("license-md5", ""))
            if agreed is None:
                self.answer(403, b"<h1>HTTP Status 403 - Incorrect md5 hash</h1>")
                return
            if not agreed:
                session = session or f"JSESSIONID=s{len(self.fake.asked)}"
                more = {"accept-license": "true", "Set-Cookie": f"{session}; Path=/"}
                self.answer(200, self.fake.offer(session).encode(), **more)
                return
        found = self.fake.rows(asked)
        self.answer(200, found.encode() if isinstance(found, str) else to_csv(*found))

    def answer(self, status: int, body: bytes, *, retry_after: str | None = None, **more: str) -> None:
        """Send a whole answer."""
        if self.fake.zipped:
            body, more = gzip.compress(body), {**more, "Content-Encoding": "gzip"}
        self.head(
            status, retry_after=retry_after, **more, **({} if self.fake.chunked else {"Content-Length": str(len(body))})
        )
        if self.fake.chunked:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        self.wfile.write(body)

    def head(self, status: int, *, retry_after: str | None = None, **more: str) -> None:
        """Send status and headers."""
        self.send_response_only(status)
        self.send_header("Date", self.fake.date)
        self.send_header("Content-Type", "text/csv;charset=UTF-8")
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        if self.fake.chunked and "Content-Length" not in more:
            self.send_header("Transfer-Encoding", "chunked")
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def serve(fake: FakeMovebank) -> Iterator[str]:
    """Run the fake; yields its address."""
    handler = type("BoundHandler", (Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def refuse(status: int, text: str = "no", *, retry_after: str | None = None) -> Trick:
    """Answer with a status and a text."""

    def play(handler: Handler) -> bool:
        handler.answer(status, text.encode(), retry_after=retry_after)
        return True

    return play


def say(page: str) -> Trick:
    """Answer HTTP 200 with a page in place of data."""
    return refuse(200, page)


def behave(handler: Handler) -> bool:
    """Play no trick."""
    return False


def cut(n_bytes: int, *, promise: int | None = 100_000) -> Trick:
    """Send the beginning of the data, then hang up; promise a length, or end as if that were all."""

    def play(handler: Handler) -> bool:
        asked = handler.fake.asked[-1]
        found = handler.fake.rows(asked)
        assert not isinstance(found, str)
        body = to_csv(*found)[:n_bytes]
        if promise is None and handler.fake.chunked:
            handler.head(200)
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(body), body))
        elif promise is None:
            handler.head(200, **{"Content-Length": str(len(body)), "Connection": "close"})
            handler.wfile.write(body)
        else:
            handler.head(200, **{"Content-Length": str(promise)})
            handler.wfile.write(body)
        handler.wfile.flush()
        handler.close_connection = True
        return True

    return play


def stall(seconds: float) -> Trick:
    """Send a header line, then nothing for a while."""

    def play(handler: Handler) -> bool:
        handler.head(200, **{"Content-Length": "1000"})
        handler.wfile.write(b"event_id,tag_id\n")
        handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True
        return True

    return play
