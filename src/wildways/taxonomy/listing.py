"""CMS listings: the seed list of this package, and full lists that a Party or the Secretariat supplies."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from wildways.model import BadInput, FileReport, Finding, LimitReached, NotFound, Place
from wildways.taxonomy.resolve import resolve_name
from wildways.taxonomy.tables import get_taxon, read_table

APPENDICES = ("I", "II", "I/II")
CONVENTION_YEAR = 1979
"""No listing is older than the Convention."""
MAX_LIST_BYTES = 32 * 1024 * 1024
"""A list of all animals would be smaller."""

_OURS = ("scientific_name", "appendix", "listed", "listed_under", "population", "note", "source")
_SPECIES_PLUS = {
    "ScientificName": "scientific_name",
    "Listing": "appendix",
    "Date": "listed",
    "Listed under": "listed_under",
    "Note": "note",
}
_TAGGED = re.compile(r"\*\*\s*(I/II|II|I)\s*\*\*\s*([^*]*)")


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing of one taxon.

    ``listed`` is ``YYYY`` or ``YYYY-MM-DD``, or empty where it is not known; ``population`` is empty where all
    populations are listed; ``listed_under`` names the higher taxon of a listing that is not the species' own.
    ``taxon_id`` is None where ``scientific_name`` is not a name of the table.
    """

    scientific_name: str
    taxon_id: str | None
    appendix: str
    listed: str = ""
    listed_under: str = ""
    population: str = ""
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class ListedTaxa:
    """A list that was read, and the account of its file."""

    listings: tuple[Listing, ...]
    report: FileReport


def cms_status(taxon: str, *, listings: Iterable[Listing] | None = None) -> tuple[Listing, ...]:
    """Find the CMS listings of a taxon.

    Parameters
    ----------
    taxon : a taxon id, or a scientific name that resolves to one
    listings : a full list (`read_cms_listing`) instead of the seed list of this package

    Returns
    -------
    Every listing, Appendix I first, then by date. Empty means that the list does not have it; the seed list is far
    from complete (``data/cms_listing.toml``), so that is no evidence that CMS does not list it.

    Raises
    ------
    NotFound : ``unknown-taxon``: neither an id nor a name of the table
    """
    taxon_id = resolve_name(taxon).taxon_id or get_taxon(taxon).taxon_id
    if listings is None:
        return _seed().get(taxon_id, ())
    return tuple(sorted((row for row in listings if row.taxon_id == taxon_id), key=_order))


def read_cms_listing(path: Path | str) -> ListedTaxa:
    """Read a list of CMS listings that a Party supplies.

    CSV in UTF-8, separated by commas or semicolons, in one of two forms: the columns ``scientific_name`` and
    ``appendix`` with any of ``listed, listed_under, population, note, source``; or the columns of a Species+ export of
    CMS listings (``ScientificName, Listing, Listed under, Date, Note``, where ``**I** … **II** …`` tells appendices
    apart). A row in Appendices I and II with a date for each becomes two listings. Days are ``YYYY-MM-DD``,
    ``DD/MM/YYYY`` or a year.

    Returns
    -------
    The listings in file order. Names that are not in the table are kept, without a taxon id, and reported as
    ``unknown-taxon``; rows that say again what an earlier one said are refused as ``duplicate-row``.

    Raises
    ------
    NotFound : ``no-such-file``
    LimitReached : ``list-too-large``: over 32 MiB
    BadInput : ``list-not-utf8``, ``list-not-csv``, ``no-such-column``, ``missing-value``, ``bad-appendix``,
        ``bad-listing-date``, with file, line and field. A list in law is taken whole or not at all.
    """
    path = Path(path)
    content = _content(path)
    listings: dict[Listing, None] = {}
    n_rows = n_again = 0
    for line, row in _rows(path, content):
        n_rows += 1
        new = [listing for listing in _listings(path, line, row) if listing not in listings]
        n_again += not new
        listings.update(dict.fromkeys(new))
    unknown = [row.scientific_name for row in listings if row.taxon_id is None]
    findings = []
    if unknown:
        findings.append(_finding("unknown-taxon", "Names that are not in the table of taxa.", unknown))
    if n_again:
        findings.append(Finding("duplicate-row", "Rows that repeat an earlier one.", n_again, refused=True))
    digest = hashlib.sha256(content).hexdigest()
    return ListedTaxa(tuple(listings), FileReport(str(path), digest, n_rows, n_rows - n_again, tuple(findings)))


@cache
def _seed() -> Mapping[str, tuple[Listing, ...]]:
    found: dict[str, list[Listing]] = {}
    for row in read_table("cms_listing.csv"):
        name = get_taxon(row["taxon_id"]).scientific_name
        found.setdefault(row["taxon_id"], []).append(Listing(scientific_name=name, **row))
    return {taxon_id: tuple(sorted(listings, key=_order)) for taxon_id, listings in found.items()}


def _order(listing: Listing) -> tuple[int, str, str]:
    return APPENDICES.index(listing.appendix), listing.listed, listing.population


def _finding(code: str, message: str, names: list[str]) -> Finding:
    return Finding(code, message, len(names), example=", ".join(dict.fromkeys(names[:5])))


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("no-such-file", f"There is no file {path}.", place=Place(path))
    size = path.stat().st_size
    if size > MAX_LIST_BYTES:
        raise LimitReached(
            "list-too-large", f"The list has {size:,} bytes, the limit is {MAX_LIST_BYTES:,}.", place=Place(path)
        )
    return path.read_bytes()


def _rows(path: Path, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by our own column names, each with the line it ends on."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(
            "list-not-utf8", "The file is not UTF-8.", hint="Save it as CSV in UTF-8.", place=Place(path, line)
        ) from error
    heading = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text), delimiter=";" if heading.count(";") > heading.count(",") else ",", strict=True
    )
    columns: list[str] | None = None
    try:
        for cells in reader:
            if columns is None:
                columns = _columns(path, [cell.strip() for cell in cells])
            elif any(cell.strip() for cell in cells):
                yield reader.line_num, _row(path, reader.line_num, columns, cells)
    except csv.Error as error:
        raise BadInput("list-not-csv", f"The line is not CSV: {error}.", place=Place(path, reader.line_num)) from error
    if columns is None:
        raise BadInput("list-not-csv", "The file is empty.", place=Place(path))


def _columns(path: Path, names: list[str]) -> list[str]:
    columns = [_SPECIES_PLUS.get(name, name if name in _OURS else "") for name in names]
    for needed in ("scientific_name", "appendix"):
        if needed not in columns:
            raise BadInput(
                "no-such-column",
                f"The list has no column {needed}; its columns are {', '.join(names) or 'none'}.",
                hint=f"Give {needed}, or export CMS listings from Species+ as they are.",
                place=Place(path, 1, needed),
            )
    return columns


def _row(path: Path, line: int, columns: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise BadInput(
            "list-not-csv", f"The row has {len(cells)} values for {len(columns)} columns.", place=Place(path, line)
        )
    return {column: cell.strip() for column, cell in zip(columns, cells, strict=True) if column}


def _listings(path: Path, line: int, row: Mapping[str, str]) -> Iterator[Listing]:
    name = row["scientific_name"]
    if not name:
        raise BadInput("missing-value", "The name is empty.", place=Place(path, line, "scientific_name"))
    appendix = row["appendix"].replace(" ", "").upper()
    if appendix not in APPENDICES:
        raise BadInput(
            "bad-appendix",
            f"The appendix is {row['appendix']!r}.",
            hint="It is I, II or I/II.",
            place=Place(path, line, "appendix"),
        )
    taxon_id = resolve_name(name).taxon_id
    for one in _appendices(appendix, row.get("listed", "")):
        values = {field: _of_appendix(row.get(field, ""), one) for field in ("listed_under", "population", "note")}
        day = _day(path, line, _of_appendix(row.get("listed", ""), one))
        yield Listing(name, taxon_id, one, day, **values, source=row.get("source", ""))


def _appendices(appendix: str, dates: str) -> tuple[str, ...]:
    """The appendices that have a date each, or the appendix as it is."""
    tags = tuple(dict.fromkeys(tag for tag, _ in _TAGGED.findall(dates)))
    return tags if appendix == "I/II" and set(tags) == {"I", "II"} else (appendix,)


def _of_appendix(text: str, appendix: str) -> str:
    """The part of a tagged text (``**I** … **II** …``) that belongs to an appendix; untagged text belongs to all."""
    parts = _TAGGED.findall(text)
    if not parts:
        return text
    return "; ".join(part.strip(" \n\r;,") for tag, part in parts if tag == appendix and part.strip(" \n\r;,"))


def _day(path: Path, line: int, text: str) -> str:
    """A year or a day as ISO 8601; of several the earliest."""
    if not text:
        return ""
    days = [_one_day(part.strip()) for part in text.split(";")]
    found = [day for day in days if day is not None]
    if len(found) < len(days):
        raise BadInput(
            "bad-listing-date",
            f"The date is {text!r}.",
            hint=f"Write YYYY-MM-DD, DD/MM/YYYY or a year, not before {CONVENTION_YEAR}.",
            place=Place(path, line, "listed"),
        )
    return min(found)


def _one_day(text: str) -> str | None:
    if re.fullmatch(r"\d{4}", text):
        return text if CONVENTION_YEAR <= int(text) <= date.max.year else None
    numbers = re.fullmatch(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", text)
    numbers = numbers or re.fullmatch(r"(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d{4})", text)
    if numbers is None or int(numbers["year"]) < CONVENTION_YEAR:
        return None
    try:
        return date(int(numbers["year"]), int(numbers["month"]), int(numbers["day"])).isoformat()
    except ValueError:
        return None
