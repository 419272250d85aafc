"""XML as a stream of elements, with its entities, depth and lengths under control."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO
from xml.parsers import expat

from wildways.model import BadInput, LimitReached, Place, WildwaysError

MAX_DEPTH = 100
MAX_TOKEN = 1 << 23
"""Bytes that one tag, comment or stretch without markup may take."""
MAX_TEXT = 1 << 20
"""Characters of text an element may hold."""

_BLOCK = 1 << 18

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
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
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
        n_bytes = 0
        try:
            while block := stream.read(_BLOCK):
                self._parser.Parse(block, False)
                n_bytes += len(block)
                if n_bytes - max(self._parser.CurrentByteIndex, 0) > MAX_TOKEN:
                    raise self._too_much("xml-length", f"A part of it is longer than {MAX_TOKEN:,} bytes.")
                yield
            self._parser.Parse(b"", True)
            yield
        except WildwaysError:
            raise
        except (expat.ExpatError, LookupError, ValueError, TypeError) as error:
            raise BadInput(
                "xml-malformed",
                f"The file is not well-formed XML: {str(error).rstrip('.')}.",
                hint="It may be cut off or damaged; export it again.",
                place=self._place(),
            ) from error

    def _open(self, name: str, attributes: Attributes) -> None:
        self._path = (*self._path, name.rpartition(":")[2])
        if len(self._path) > MAX_DEPTH:
            raise self._too_much("xml-depth", f"Its elements are nested more than {MAX_DEPTH} deep.")
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
            raise self._too_much("xml-length", f"An element holds more than {MAX_TEXT:,} characters of text.")
        texts.append(text)

    def _refuse_doctype(self, *_: object) -> None:
        raise BadInput(
            "xml-doctype",
            "The file declares a document type or entities, which are never read.",
            hint="Remove the <!DOCTYPE …> declaration.",
            place=self._place(),
        )

    def _too_much(self, code: str, message: str) -> LimitReached:
        return LimitReached(code, message, hint="Split the file, or export it again.", place=self._place())

    def _place(self) -> Place:
        return Place(self._name, self.line)


def root_of(start: bytes) -> str:
    """Local name of the root element from the beginning of a document; empty where there is none."""
    found: list[str] = []
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: found.append(name)
    with suppress(expat.ExpatError, ValueError, LookupError, TypeError):
        parser.Parse(start, False)
    return found[0].rpartition(":")[2] if found else ""
