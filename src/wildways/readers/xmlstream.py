"""XML as a stream of elements, with its entities, depth and lengths under control; and a check of it for others."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path as FilePath
from typing import BinaryIO
from xml.parsers import expat

from wildways.model import BadInput, LimitReached, Place, WildwaysError

MAX_DEPTH = 100
MAX_TOKEN = 1 << 23
"""Bytes that one tag, comment or stretch without markup may take."""
MAX_TEXT = 1 << 20
"""Characters of text an element may hold."""

_BLOCK = 1 << 18
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_PLAIN = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii", b"iso-8859-1", b"latin1", b"windows-1252"})
"""Encodings that every parser reads alike."""

_OF_DAMAGE = (expat.ExpatError, LookupError, ValueError, TypeError)
"""What the parser raises on documents that are not well formed, or in unknown encodings."""

Path = tuple[str, ...]
Attributes = dict[str, str]


class XmlStream:
    """Walks through an XML document, element by element, without keeping it.

    A document type declaration is refused at its first word, wherever it stands and in whatever encoding, so no
    entity is ever declared, fetched or expanded. Prefixes of names are dropped: producers spell them as they like.

    Parameters
    ----------
    start, end : called with the path of local names from the root down, and attributes or text (for `end`)
    is_text_wanted : whether the text of an element is collected, by its path
    """

    def __init__(
        self,
        name: str,
        *,
        start: Callable[[Path, Attributes], None],
        end: Callable[[Path, str], None],
        is_text_wanted: Callable[[Path], bool],
    ) -> None:
        self._name, self._start, self._end, self._is_text_wanted = name, start, end, is_text_wanted
        self._path: Path = ()
        self._texts: list[list[str] | None] = []
        self._length = 0
        self._parser = _guarded_parser(name)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._add

    @property
    def line(self) -> int:
        """Line of the document that is being read."""
        return int(self._parser.CurrentLineNumber)

    def read(self, stream: BinaryIO) -> Iterator[None]:
        """Read the document a block at a time, calling the handlers, and yield after each block.

        Raises
        ------
        BadInput : it is not well formed, or declares a document type
        LimitReached : it is nested too deeply, or a part of it is too long
        """
        yield from _parse(self._parser, stream, self._name)

    def _open(self, name: str, attributes: Attributes) -> None:
        self._path = (*self._path, name.rpartition(":")[2])
        if len(self._path) > MAX_DEPTH:
            message = f"Its elements are nested more than {MAX_DEPTH} deep."
            raise _too_much("xml-depth", message, _place(self._name, self._parser))
        self._texts.append([] if self._is_text_wanted(self._path) else None)
        self._length = 0
        self._start(self._path, attributes)

    def _close(self, _: str) -> None:
        texts = self._texts.pop()
        self._end(self._path, "".join(texts).strip() if texts else "")
        self._path = self._path[:-1]

    def _add(self, text: str) -> None:
        texts = self._texts[-1]
        if texts is None:
            return
        self._length += len(text)
        if self._length > MAX_TEXT:
            message = f"An element holds more than {MAX_TEXT:,} characters of text."
            raise _too_much("xml-length", message, _place(self._name, self._parser))
        texts.append(text)


def check_xml(file: FilePath, name: str) -> None:
    """Make sure that a file can be given to another parser: well formed, without a document type, in a plain encoding.

    Raises
    ------
    BadInput : it is not
    LimitReached : a part of it is too long
    """
    with file.open("rb") as stream:
        start = stream.read(_BLOCK)
        declared = _DECLARED.search(start[:200])
        if b"\0" in start or (declared is not None and declared[1].lower() not in _PLAIN):
            raise BadInput("encoding", "The XML is not UTF-8.", hint="Save it as UTF-8.", place=Place(name, 1))
        stream.seek(0)
        for _ in _parse(_guarded_parser(name), stream, name):
            pass


def root_of(start: bytes) -> str:
    """Local name of the root element from the beginning of a document; empty where there is none."""
    found: list[str] = []
    parser = _guarded_parser("")
    parser.StartElementHandler = lambda name, _: found.append(name)
    with suppress(*_OF_DAMAGE, WildwaysError):
        parser.Parse(start, False)
    return found[0].rpartition(":")[2] if found else ""


def _guarded_parser(name: str) -> expat.XMLParserType:
    """A parser that refuses a document type declaration; `name` is the document, for the message."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise BadInput(
            "xml-doctype",
            "The file declares a document type or entities, which are never read.",
            hint="Remove the <!DOCTYPE …> declaration.",
            place=_place(name, parser),
        )

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    return parser


def _parse(parser: expat.XMLParserType, stream: BinaryIO, name: str) -> Iterator[None]:
    """Parse a document a block at a time; errors as in `XmlStream.read`."""
    n_bytes = 0
    try:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
            n_bytes += len(block)
            if n_bytes - max(parser.CurrentByteIndex, 0) > MAX_TOKEN:
                message = f"A part of it is longer than {MAX_TOKEN:,} bytes."
                raise _too_much("xml-length", message, _place(name, parser))
            yield
        parser.Parse(b"", True)
        yield
    except _OF_DAMAGE as error:
        raise BadInput(
            "xml-malformed",
            f"The file is not well-formed XML: {str(error).rstrip('.')}.",
            hint="It may be cut off or damaged; export it again.",
            place=_place(name, parser),
        ) from error


def _too_much(code: str, message: str, place: Place) -> LimitReached:
    return LimitReached(code, message, hint="Split the file, or export it again.", place=place)


def _place(name: str, parser: expat.XMLParserType) -> Place:
    return Place(name, int(parser.CurrentLineNumber))
