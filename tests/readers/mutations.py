"""Ways in which a file may be damaged: anywhere in its bytes, or inside the container around them."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_MARKS = (b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b";", b"'", b"|", b"-", b".", b"<", b">", b"{", b"]", b"&")
_VALUES = (b"nan", b"1e400", b"-0", b"9" * 40, b"\xf0\x9f\xa6\x8c", b'""', b"|" * 70, b"\xc3\xa9", b"<a/>", b"null")
_INTEGERS = (0, 1, 127, 128, 255, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF)


def mutate(data: bytes, rng: random.Random) -> bytes:
    """The data with one to three things wrong; of a container, as often inside it, with sums that fit, as outside."""
    if data.startswith((_GZIP, _ZIP)) and rng.random() < 0.5:
        return _inside(data, rng)
    for _ in range(rng.randrange(1, 4)):
        data = rng.choice(MUTATIONS)(data, rng) or b" "
    return data


def _inside(data: bytes, rng: random.Random) -> bytes:
    if data.startswith(_GZIP):
        return gzip.compress(mutate(gzip.decompress(data), rng), mtime=0)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    broken = rng.choice(list(members))
    members[broken] = mutate(members[broken], rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _changed(data: bytes, rng: random.Random, new: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + new + data[at + 1 :]


def _without(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 40) :]


def _swapped(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _inserted(data: bytes, rng: random.Random, text: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + text + data[at:]


def _repeated(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    end = start + rng.randrange(1, 200)
    return data[:end] + data[start:]


def _counted(data: bytes, rng: random.Random) -> bytes:
    """Another integer where there may be one, of two to eight bytes."""
    width, at = rng.choice((2, 4, 8)), rng.randrange(len(data))
    value = rng.choice(_INTEGERS) & (1 << 8 * width) - 1
    return data[:at] + value.to_bytes(width, rng.choice(("little", "big"))) + data[at + width :]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    lambda data, rng: _changed(data, rng, bytes([rng.randrange(256)])),
    lambda data, rng: _changed(data, rng, rng.choice(_MARKS)),
    lambda data, rng: data[: rng.randrange(len(data))],
    lambda data, rng: data[rng.randrange(len(data)) :],
    _without,
    _swapped,
    _repeated,
    _counted,
    lambda data, rng: _inserted(data, rng, rng.choice(_VALUES)),
)
