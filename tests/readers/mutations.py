"""Ways in which a file may be damaged."""

import random
from collections.abc import Callable


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


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    lambda data, rng: _changed(data, rng, bytes([rng.randrange(256)])),
    lambda data, rng: _changed(data, rng, rng.choice([b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b";", b"'"])),
    lambda data, rng: data[: rng.randrange(len(data))],
    lambda data, rng: _without(data, rng),
    lambda data, rng: _swapped(data, rng),
    lambda data, rng: _inserted(
        data, rng, rng.choice([b"nan", b"1e400", b"-0", b"9" * 40, b"\xf0\x9f\xa6\x8c", b'""'])
    ),
)
