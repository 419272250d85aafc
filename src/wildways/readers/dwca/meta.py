"""The meta.xml of a Darwin Core Archive: which file holds which terms, and how it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from wildways.model import BadInput, LimitReached, Place
from wildways.readers.csvfile import MAX_COLUMNS
from wildways.readers.xmlstream import Attributes, Path, XmlStream

MAX_FILES = 50
MAX_DEFAULT = 4_096
"""Characters a default value may have."""

_ESCAPES = (("\\t", "\t"), ("\\n", "\n"), ("\\r", "\r"))
_LINE_ENDS = ("\n", "\r", "\r\n")
_ENCODINGS = {
    "utf8": "utf-8",
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "ascii": "ascii",
    "usascii": "ascii",
    "iso88591": "latin-1",
    "latin1": "latin-1",
    "iso885915": "iso8859-15",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
}
_TABLES = (("archive", "core"), ("archive", "extension"))


@dataclass(frozen=True)
class DataFile:
    """A file of an archive as meta.xml declares it.

    Parameters
    ----------
    row_type : local name of what a row is: Occurrence, Event, ExtendedMeasurementOrFact …
    location : name of the file
    encoding, delimiter, enclosure : how it is written; an empty enclosure means none
    n_header_lines : lines before the first row
    id_index : column of the core's id: its own in the core, the one it refers to in an extension
    indices : term → column; terms by their local names
    defaults : term → value where the column is missing or empty
    """

    row_type: str
    location: str
    encoding: str
    delimiter: str
    enclosure: str
    n_header_lines: int
    id_index: int | None
    indices: Mapping[str, int]
    defaults: Mapping[str, str]

    def __contains__(self, term: str) -> bool:
        return term in self.indices or term in self.defaults


@dataclass(frozen=True)
class Meta:
    """The core of an archive and its extensions."""

    core: DataFile
    extensions: tuple[DataFile, ...]

    def find(self, row_type: str) -> DataFile | None:
        """The core or the first extension with rows of a type."""
        return next((table for table in (self.core, *self.extensions) if table.row_type == row_type), None)


@dataclass
class _Draft:
    """A table of meta.xml while it is read."""

    attributes: Attributes
    locations: list[str] = field(default_factory=list)
    id_index: str | None = None
    fields: list[Attributes] = field(default_factory=list)


def read_meta(stream: BinaryIO, name: str) -> Meta:
    """Read a meta.xml.

    Raises
    ------
    BadInput : it is not well formed, declares a document type, or is no sound meta.xml; names what is wrong
    LimitReached : it declares too many files or columns

    References
    ----------
    Darwin Core text guide, http://rs.tdwg.org/dwc/terms/guides/text/
    """
    place = Place(name)
    drafts: list[tuple[str, _Draft]] = []

    def start(path: Path, attributes: Attributes) -> None:
        if path in _TABLES:
            drafts.append((path[-1], _Draft(attributes)))
        elif drafts and path[:2] in _TABLES and path[2:] in (("id",), ("coreid",)):
            drafts[-1][1].id_index = attributes.get("index")
        elif drafts and path[:2] in _TABLES and path[2:] == ("field",):
            drafts[-1][1].fields.append(attributes)
        if len(drafts) > MAX_FILES or (drafts and len(drafts[-1][1].fields) > MAX_COLUMNS):
            message = "meta.xml declares too many files or columns."
            raise LimitReached("archive-members", message, hint="Pack only what is to be read.", place=place)

    def end(path: Path, text: str) -> None:
        if drafts and path[:2] in _TABLES and path[2:] == ("files", "location"):
            drafts[-1][1].locations.append(text)

    document = XmlStream(name, start=start, end=end, is_text_wanted=lambda path: path[-1] == "location")
    for _ in document.read(stream):
        pass
    cores = [_data_file(draft, place) for kind, draft in drafts if kind == "core"]
    if len(cores) != 1:
        message = f"meta.xml declares {len(cores)} cores, not one."
        raise BadInput("meta-core", message, hint="Is it the meta.xml of a Darwin Core Archive?", place=place)
    return Meta(cores[0], tuple(_data_file(draft, place) for kind, draft in drafts if kind == "extension"))


def local_name(term: str) -> str:
    """The last part of a term's URI."""
    return term.strip().rstrip("/#").replace("#", "/").rpartition("/")[2]


def _data_file(draft: _Draft, place: Place) -> DataFile:
    given = draft.attributes
    row_type = local_name(given.get("rowType", ""))
    if len(draft.locations) != 1:
        message = f"The table {row_type} of meta.xml is in {len(draft.locations)} files, not one."
        raise BadInput("meta-files", message, hint="Join its files.", place=place)
    delimiter = _unescape(given.get("fieldsTerminatedBy", ","))
    enclosure = _unescape(given.get("fieldsEnclosedBy", '"'))
    line_end = _unescape(given.get("linesTerminatedBy", "\n"))
    if len(delimiter) != 1 or delimiter in "\r\n" or len(enclosure) > 1 or enclosure in ("\r", "\n", delimiter):
        raise _unsupported("fieldsTerminatedBy or fieldsEnclosedBy", f"{delimiter!r}, {enclosure!r}", place)
    if line_end not in _LINE_ENDS:
        raise _unsupported("linesTerminatedBy", repr(line_end), place)
    indices, defaults = _fields(draft.fields, place)
    return DataFile(
        row_type,
        draft.locations[0],
        _encoding(given.get("encoding", "UTF-8"), place),
        delimiter,
        enclosure,
        _number(given.get("ignoreHeaderLines", "0"), "ignoreHeaderLines", place),
        None if draft.id_index is None else _number(draft.id_index, "id", place),
        indices,
        defaults,
    )


def _fields(fields: list[Attributes], place: Place) -> tuple[dict[str, int], dict[str, str]]:
    """Columns and default values of the terms; of a term declared twice the first counts."""
    indices: dict[str, int] = {}
    defaults: dict[str, str] = {}
    for declared in fields:
        term = local_name(declared.get("term", ""))
        if "index" in declared:
            indices.setdefault(term, _number(declared["index"], term or "field", place))
        if declared.get("default"):
            defaults.setdefault(term, declared["default"][:MAX_DEFAULT])
    return indices, defaults


def _number(text: str, field_name: str, place: Place) -> int:
    number = int(text) if text.strip().isdecimal() and len(text) <= 6 else -1
    if not 0 <= number < MAX_COLUMNS:
        raise _unsupported(field_name, text, place)
    return number


def _encoding(name: str, place: Place) -> str:
    plain = name.lower().replace("-", "").replace("_", "").strip()
    if plain not in _ENCODINGS:
        raise _unsupported("encoding", name, place)
    return _ENCODINGS[plain]


def _unescape(text: str) -> str:
    for written, meant in _ESCAPES:
        text = text.replace(written, meant)
    return text


def _unsupported(field_name: str, value: str, place: Place) -> BadInput:
    message = f"meta.xml sets {field_name} to {value[:80]}, which cannot be read."
    return BadInput("meta-value", message, hint="Correct meta.xml.", place=Place(place.file, None, field_name))
