"""XML before it is parsed: a document type or entities are refused, for they can grow without measure or read files."""

import re
from pathlib import Path

from wildways.model import BadInput, Place

_BLOCK = 1 << 20
_OVERLAP = 16
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ENCODINGS = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii", b"iso-8859-1", b"latin1", b"windows-1252"})
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)


def refuse_entities(file: Path, name: str) -> None:
    """Make sure that an XML file has no document type and an encoding in which that can be seen.

    Raises
    ------
    BadInput : it has one, at the line given, or is in another encoding
    """
    with file.open("rb") as stream:
        block = stream.read(_BLOCK)
        declared = _DECLARED.search(block[:200])
        if b"\0" in block or (declared is not None and declared[1].lower() not in _ENCODINGS):
            raise BadInput("encoding", "The XML is not UTF-8.", hint="Save it as UTF-8.", place=Place(name, 1))
        n_lines, kept = 1, b""
        while block:
            window = kept + block
            if (found := _FORBIDDEN.search(window)) is not None:
                line = n_lines + window.count(b"\n", 0, found.start())
                message = "The XML has a document type or entities, which are never read."
                raise BadInput("xml-entities", message, hint="Save it again without them.", place=Place(name, line))
            kept = window[-_OVERLAP:]
            n_lines += window.count(b"\n") - kept.count(b"\n")
            block = stream.read(_BLOCK)
