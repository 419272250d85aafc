"""Answers with the bytes of a file or page: entity tags, single ranges, compression, HEAD."""

import gzip
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from wildways.model import Corrupt
from wildways.server.files import IMMUTABLE, KnownFile
from wildways.server.negotiation import choose_encoding, matches_etag
from wildways.server.problems import problem
from wildways.server.ranges import ByteRange, RangeNotSatisfiable, parse_range

CHUNK = 2**20
"""Bytes read at a time; shorter answers are read at once."""

_SUFFIXES = {"br": ".br", "gzip": ".gz"}


@dataclass(frozen=True)
class Compressed:
    """Text compressed once and kept, by content; a file compressed ahead beside the plain one (`.br`, `.gz`) wins."""

    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def encodings(self, path: Path | None) -> list[str]:
        """Encodings there are, best first."""
        ahead = path is not None and path.with_name(path.name + _SUFFIXES["br"]).is_file()
        return ["br", "gzip"] if ahead else ["gzip"]

    def get(self, digest: str, encoding: str, path: Path | None, read: Callable[[], bytes]) -> bytes:
        """The text of that hash in that encoding."""
        key = (digest, encoding)
        if key not in self.kept:
            ahead = path and path.with_name(path.name + _SUFFIXES[encoding])
            self.kept[key] = ahead.read_bytes() if ahead and ahead.is_file() else gzip.compress(read(), 9, mtime=0)
        return self.kept[key]


async def answer_file(request: Request, file: KnownFile, compressed: Compressed) -> Response:
    """Answer a GET or HEAD for a file.

    Raises
    ------
    Corrupt : the file has another size than when it was checked
    """
    version = request.query_params.get("v")
    headers = {"cache-control": IMMUTABLE if file.names_version(version) else file.cache}
    if file.is_compressed:
        return await _answer_text(request, file, compressed, headers)
    etag = f'"{file.sha256}"'
    headers |= {"etag": etag, "accept-ranges": "bytes"}
    if matches_etag(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    try:
        part = _asked_range(request, file.size, etag)
    except RangeNotSatisfiable:
        return problem(416, "range-not-satisfiable", headers={"content-range": f"bytes */{file.size}"})
    whole = ByteRange(0, file.size)
    headers["content-length"] = str((part or whole).length)
    if part is not None:
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    return await _send(file, part or whole, status, headers)


async def answer_bytes(
    request: Request, body: bytes, media_type: str, compressed: Compressed, **headers: str
) -> Response:
    """Answer a GET or HEAD with a page made in memory."""
    digest = hashlib.sha256(body).hexdigest()
    return await _negotiated(request, digest, media_type, compressed, headers, None, lambda: body)


async def _answer_text(request: Request, file: KnownFile, compressed: Compressed, headers: dict[str, str]) -> Response:
    def read() -> bytes:
        return _read(file, ByteRange(0, file.size))

    return await _negotiated(request, file.sha256, file.media_type, compressed, headers, file.path, read)


async def _negotiated(
    request: Request,
    digest: str,
    media_type: str,
    compressed: Compressed,
    headers: dict[str, str],
    path: Path | None,
    read: Callable[[], bytes],
) -> Response:
    encoding = choose_encoding(request.headers.get("accept-encoding"), compressed.encodings(path))
    etag = f'"{digest}"' if encoding is None else f'"{digest}-{encoding}"'
    vary = ", ".join(filter(None, (headers.pop("vary", ""), "Accept-Encoding")))
    headers = {**headers, "etag": etag, "vary": vary}
    if matches_etag(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if encoding is not None:
        headers["content-encoding"] = encoding
        body = await to_thread.run_sync(compressed.get, digest, encoding, path, read)
    else:
        body = await to_thread.run_sync(read)
    headers["content-length"] = str(len(body))
    return Response(b"" if request.method == "HEAD" else body, headers=headers, media_type=media_type)


def _asked_range(request: Request, size: int, etag: str) -> ByteRange | None:
    condition = request.headers.get("if-range")
    if request.method != "GET" or (condition is not None and condition != etag):
        return None
    return parse_range(request.headers.get("range"), size)


async def _send(file: KnownFile, part: ByteRange, status: int, headers: dict[str, str]) -> Response:
    if part.length <= CHUNK:
        body = await to_thread.run_sync(_read, file, part)
        return Response(body, status, headers, file.media_type)
    first = await to_thread.run_sync(_read, file, ByteRange(part.start, part.start + CHUNK))
    return StreamingResponse(_chunks(file, part, first), status, headers, file.media_type)


async def _chunks(file: KnownFile, part: ByteRange, first: bytes) -> AsyncIterator[bytes]:
    yield first
    for start in range(part.start + CHUNK, part.stop, CHUNK):
        yield await to_thread.run_sync(_read, file, ByteRange(start, min(start + CHUNK, part.stop)))


def _read(file: KnownFile, part: ByteRange) -> bytes:
    with file.path.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size != file.size:
            raise Corrupt("file-changed", "A file changed after it was checked.")
        stream.seek(part.start)
        return stream.read(part.length)
