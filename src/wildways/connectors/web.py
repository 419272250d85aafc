"""Downloads from a web service, politely: one at a time, with patience where it is busy, and only whole bodies."""

import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from wildways import __version__
from wildways.connectors.clock import Clock
from wildways.connectors.credentials import Credentials
from wildways.connectors.plaintext import one_line
from wildways.model import BadInput, Corrupt, LimitReached, Place

TRIES = 6
FIRST_WAIT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 900.0
CONNECT_SECONDS = 60.0
SILENCE_SECONDS = 1800.0
"""A busy service may think for many minutes before it begins to send."""
LONGEST_DOWNLOAD = timedelta(hours=12)

_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_MESSAGE_BYTES = 1 << 16


class Incomplete(Exception):
    """What came is not what was sent: try again. Its text says what is wrong."""


class Refused(Exception):
    """The service said no. `status` is that of HTTP, the text is what it said."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Busy(Exception):
    """The service cannot answer now: try again. `wait_seconds` is how long it asks to wait."""

    def __init__(self, message: str, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Answer:
    """What came with a body that was saved.

    Parameters
    ----------
    headers : of the response; names in lower case
    server_utc : the service's clock (aware), where it tells
    is_end_known : whether the body said where it ends; without that a cut at the end of a line cannot be seen
    """

    headers: Mapping[str, str]
    server_utc: datetime | None
    is_end_known: bool


class Web:
    """A connection to one service. Use it as a context manager and from one thread only.

    Parameters
    ----------
    address : of the resource that is asked, https; http only on this machine
    credentials : sent to this host alone, and no redirect is followed
    silence_seconds : longest time without a byte

    Raises
    ------
    BadInput : the address is not one to send secrets to
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        clock: Clock,
        *,
        tries: int = TRIES,
        connect_seconds: float = CONNECT_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        _demand_safe(address)
        self.n_requests = 0
        self._address, self._credentials, self._clock, self._tries = address, credentials, clock, tries
        self._client = httpx.Client(
            transport=_Signing(address, credentials),
            timeout=httpx.Timeout(silence_seconds, connect=connect_seconds),
            headers={"user-agent": f"wildways/{__version__}", "accept-encoding": "gzip"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def save(self, parameters: Mapping[str, str], file: Path, check: Callable[[Answer, Path], None]) -> Answer:
        """Ask for something and save the answer.

        Parameters
        ----------
        file : written anew with every try
        check : looks at what was saved and raises `Incomplete` or `Busy` to try again, anything else to stop

        Raises
        ------
        Refused : the service said no
        LimitReached : it stayed busy or out of reach
        Corrupt : what came was incomplete again and again
        """
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, self._tries + 1):
            try:
                answer = self._try(parameters, file)
                check(answer, file)
            except (Busy, Incomplete, httpx.TransportError) as error:
                if attempt == self._tries:
                    raise self._given_up(error) from None
                asked = error.wait_seconds if isinstance(error, Busy) else None
                self._clock.sleep(min(wait if asked is None else asked, LONGEST_WAIT_SECONDS))
                wait *= 2
            else:
                return answer
        raise ValueError(f"tries is {self._tries}, less than one")

    def _try(self, parameters: Mapping[str, str], file: Path) -> Answer:
        self.n_requests += 1
        with self._client.stream("GET", self._address, params=dict(parameters)) as response:
            if response.status_code != 200:
                raise self._refusal(response)
            deadline = self._clock.now() + LONGEST_DOWNLOAD
            with file.open("wb") as target:
                for block in _decoded(response):
                    _write(target.write, block, file)
                    if self._clock.now() > deadline:
                        raise LimitReached("download-time", f"The download took longer than {LONGEST_DOWNLOAD}.")
            headers = {name.lower(): value for name, value in response.headers.items()}
            is_end_known = "content-length" in headers or headers.get("transfer-encoding", "").lower() == "chunked"
            return Answer(headers, _date(headers.get("date")), is_end_known)

    def _refusal(self, response: httpx.Response) -> Exception:
        head = b""
        for block in _decoded(response):
            head += block
            if len(head) >= _MESSAGE_BYTES:
                break
        message = self._credentials.redact(one_line(head.decode("utf-8", errors="replace")))
        if response.status_code in _BUSY:
            said = f"HTTP {response.status_code}{f': {message}' if message else ''}"
            return Busy(said, self._asked_wait(response.headers.get("retry-after")))
        return Refused(response.status_code, message)

    def _asked_wait(self, value: str | None) -> float | None:
        """Seconds to wait as the service asks, given as seconds or as a date."""
        if value is None:
            return None
        if value.strip().isdigit():
            return float(value)
        date = _date(value)
        return None if date is None else max(0.0, (date - self._clock.now()).total_seconds())

    def _given_up(self, error: Exception) -> LimitReached | Corrupt:
        host = urlsplit(self._address).hostname
        said = self._credentials.redact(str(error)) or type(error).__name__
        if isinstance(error, Incomplete | httpx.RemoteProtocolError):
            return Corrupt(
                "download-incomplete",
                f"{host} sent incomplete data {self._tries} times: {said.rstrip('.')}.",
                hint="What was complete is kept; run the command again later.",
            )
        return LimitReached(
            "service-busy",
            f"{host} could not answer in {self._tries} tries: {said.rstrip('.')}.",
            hint="What was complete is kept; run the command again later.",
        )


class _Signing(httpx.BaseTransport):
    """Adds the credentials below the client, whose log and errors hence never hold them."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        self._credentials = credentials
        self._inner = httpx.HTTPTransport(proxy=_proxy_for(address))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        signed = httpx.Request(
            request.method, request.url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        if self._credentials.token:
            signed.url = signed.url.copy_add_param("api-token", self._credentials.token)
        elif header := self._credentials.header:
            signed.headers["authorization"] = header
        return self._inner.handle_request(signed)

    def close(self) -> None:
        self._inner.close()


def _proxy_for(address: str) -> str | None:
    parts = urlsplit(address)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _demand_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return
    raise BadInput("service-address", f"“{address}” is not an https address.", hint="Begin it with https://.")


def _decoded(response: httpx.Response) -> Iterator[bytes]:
    """The body, unpacked; unlike the client's own way this notices where a packed body stops early."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise Incomplete(f"the body is packed in an unknown way, {encoding}")
    if encoding in ("identity", ""):
        yield from response.iter_raw()
        return
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for block in response.iter_raw():
            yield unpacker.decompress(block)
    except zlib.error as error:
        raise Incomplete("the packed body is damaged") from error
    yield unpacker.flush()
    if not unpacker.eof:
        raise Incomplete("the packed body is cut off")


def _write(write: Callable[[bytes], int], block: bytes, file: Path) -> None:
    try:
        write(block)
    except OSError as error:
        raise LimitReached("disk", f"The download cannot be written: {error.strerror}.", place=Place(file)) from error


def _date(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
