"""What a request prefers: language and encoding, by the weights in its headers (RFC 9110, section 12.5). Pure."""

from collections.abc import Sequence

MAX_HEADER = 512


def choose_language(asked: str | None, accept: str | None, offered: Sequence[str]) -> str:
    """The language to answer in.

    Parameters
    ----------
    asked : what the address says, which wins if it is offered
    accept : the Accept-Language header; `fr-CH` is content with `fr`
    offered : languages there are; the first is the default
    """
    by_name = {language.casefold(): language for language in offered}
    wanted = ([asked] if asked else []) + _by_weight(accept)
    for name in wanted:
        for candidate in (name.casefold(), name.casefold().partition("-")[0]):
            if candidate in by_name:
                return by_name[candidate]
    return offered[0]


def choose_encoding(accept: str | None, available: Sequence[str]) -> str | None:
    """The first of the `available` content encodings that the Accept-Encoding header allows, or None for none."""
    allowed = {name.casefold() for name in _by_weight(accept)}
    return next((name for name in available if name in allowed or "*" in allowed), None)


def matches_etag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names this entity tag."""
    if header is None:
        return False
    named = {tag.strip().removeprefix("W/") for tag in header[:MAX_HEADER].split(",")}
    return "*" in named or etag in named


def _by_weight(header: str | None) -> list[str]:
    """Names in a weighted list, heaviest first; those of weight 0 or against the grammar are left out."""
    weighted = []
    for entry in (header or "")[:MAX_HEADER].split(","):
        name, _, parameters = entry.partition(";")
        weight = _weight(parameters)
        if name.strip() and weight > 0:
            weighted.append((weight, name.strip()))
    return [name for _, name in sorted(weighted, key=lambda pair: -pair[0])]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().casefold() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
