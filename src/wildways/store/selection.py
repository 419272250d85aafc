"""What is asked of the evidence: filters by name, checked and turned into SQL conditions with bound values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypedDict

from wildways.model import BadInput, EvidenceClass
from wildways.store.evidence_sql import KINDS
from wildways.taxonomy import NameStatus, Resolution, resolve_name, taxa

Box = tuple[float, float, float, float]
Period = str | tuple[date | None, date | None]


class Filters(TypedDict, total=False):
    """What evidence may be asked for; what is not given does not matter.

    Parameters
    ----------
    taxon : accepted name, synonym, genus, family, order, or a vernacular name that only one taxon has; a name that the
        table of taxa lacks is compared with the verbatim ones
    country : ISO 3166-1 code or name
    certain : with `country`: only records that cannot lie in another country
    sea_area : name of the sea, upper or lower case
    period : ``"2015..2018"``, ``"2015-04..2015-06-15"``, ``"2015"``, ``"2015.."``, or first and last day; a record is
        found if it may be of the period
    undated : with `period`: also the records of unknown time
    kind : fix, encounter, detection, site, link, drawn; one or several
    evidence_class : tracking, marking, detection, count, literature, expert, local-knowledge; one or several
    module, source, study, animal : ids
    bbox : west, south, east, north in degrees; ``west > east`` crosses the antimeridian; of lines and shapes the
        extent counts
    snapshot : as of this snapshot
    """

    taxon: str | None
    country: str | None
    certain: bool
    sea_area: str | None
    period: Period | None
    undated: bool
    kind: str | Sequence[str] | None
    evidence_class: str | Sequence[str] | None
    module: str | None
    source: str | None
    study: str | None
    animal: str | None
    bbox: Box | None
    snapshot: int | None


@dataclass
class Conditions:
    """SQL conditions on the common rows, joined by AND, and the values they bind."""

    kinds: tuple[str, ...] = KINDS
    texts: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, text: str, *, of_moments: str | None = None, **values: Any) -> None:
        """Add a condition; records of one moment each may have a simpler one that the engine can look up."""
        self.texts.append((text, text if of_moments is None else of_moments))
        self.values.update(values)

    def where(self, kind: str) -> str:
        """The conditions on a kind as a WHERE clause, or nothing."""
        texts = [pair[kind in ("fix", "detection")] for pair in self.texts]
        return f"WHERE {' AND '.join(texts)}" if texts else ""


@dataclass(frozen=True)
class TaxonChoice:
    """The accepted names a text stands for, or else the verbatim name itself."""

    accepted: tuple[str, ...] = ()
    verbatim: str = ""
    suggestions: tuple[str, ...] = ()


def conditions_of(filters: Filters, taxon: TaxonChoice | None, country: str | None) -> Conditions:
    """Conditions for filters whose taxon and country were resolved; module, source and snapshot are left out.

    Raises
    ------
    BadInput : an unknown kind or class, a period or box that cannot be understood
    """
    found = Conditions(_chosen("kind", filters.get("kind"), KINDS) or KINDS)
    if classes := _chosen("evidence_class", filters.get("evidence_class"), tuple(EvidenceClass)):
        found.add("list_contains($classes, evidence_class)", classes=list(classes))
    if taxon is not None:
        _add_taxon(found, taxon)
    if country is not None:
        is_possible = "" if filters.get("certain") else " OR contains(countries, $country)"
        only = " AND countries IS NULL" if filters.get("certain") else ""
        found.add(f"(country = $country{only}{is_possible})", country=country)
    if (sea := filters.get("sea_area")) is not None:
        found.add("lower(sea_area) = lower($sea_area)", sea_area=sea)
    if (period := filters.get("period")) is not None:
        _add_period(found, *parse_period(period), undated=filters.get("undated", False))
    for name, column in (("study", "study_id"), ("animal", "organism_id")):
        if (value := filters.get(name)) is not None:
            found.add(f"{column} = ${name}")
            found.values[name] = value
    if (box := filters.get("bbox")) is not None:
        _add_box(found, box)
    return found


def choose_taxon(text: str) -> TaxonChoice:
    """The taxa a text names: a scientific or vernacular name, a genus, a family or an order."""
    resolution = resolve_name(text)
    if resolution.scientific_name is not None:
        return TaxonChoice((resolution.scientific_name,))
    wanted = " ".join(text.split()).casefold()
    groups: list[set[str]] = [set(), set()]
    for taxon in taxa().values():
        higher = {taxon.scientific_name.split()[0].casefold(), taxon.family.casefold(), taxon.order.casefold()}
        groups[0].update({taxon.scientific_name} if wanted in higher else ())
        groups[1].update({taxon.scientific_name} if wanted in map(str.casefold, taxon.vernaculars.values()) else ())
    for accepted in groups:
        if len(accepted) == 1 or (accepted and accepted is groups[0]):
            return TaxonChoice(tuple(sorted(accepted)))
    return TaxonChoice(verbatim=text, suggestions=_suggestions(resolution) or tuple(sorted(groups[1])))


def parse_period(period: Period) -> tuple[datetime | None, datetime | None]:
    """A period as first instant and the instant after its last; nothing where it is open.

    Raises
    ------
    BadInput : it cannot be understood, or ends before it begins
    """
    try:
        if isinstance(period, str):
            first, dots, last = (part.strip() for part in period.partition(".."))
            start, end = _instant(first, 0), _instant(last if dots else first, 1)
        else:
            start, end = (None if day is None else _instant(day.isoformat()[:10], n) for n, day in enumerate(period))
    except (ValueError, OverflowError):
        hint = "Write it like 2015..2018, 2015-04..2015-06-15 or 2015."
        raise BadInput("period", f"“{period}” is not a period.", hint=hint) from None
    if (start is None and end is None) or (start and end and end <= start):
        raise BadInput("period", f"“{period}” is not a period.", hint="Give its first and its last day.")
    return start, end


def _suggestions(resolution: Resolution) -> tuple[str, ...]:
    if resolution.status is not NameStatus.MISSPELT:
        return ()
    return tuple(dict.fromkeys(suggestion.scientific_name for suggestion in resolution.suggestions))


def _chosen(name: str, given: str | Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    values = (given,) if isinstance(given, str) else tuple(given or ())
    for value in values:
        if value not in known:
            message = f"There is no {name.replace('_', ' ')} “{value}”."
            raise BadInput("filter-value", message, hint=f"There are: {', '.join(known)}.")
    return tuple(value for value in known if value in values)


def _add_taxon(found: Conditions, taxon: TaxonChoice) -> None:
    if len(taxon.accepted) == 1:
        found.add("accepted_taxon = $taxon", taxon=taxon.accepted[0])
    elif taxon.accepted:
        found.add("accepted_taxon IN (SELECT unnest($taxa))", taxa=list(taxon.accepted))
    else:
        found.add("lower(taxon) = lower($taxon)", taxon=taxon.verbatim)


def _add_period(found: Conditions, start: datetime | None, end: datetime | None, *, undated: bool) -> None:
    given = {name: value for name, value in (("before", end), ("since", start)) if value is not None}
    parts = {"before": ("start_utc", "<"), "since": ("end_utc", ">=")}
    compared = {name: f"{column} {sign} ${name}" for name, (column, sign) in parts.items() if name in given}
    of_moments = " AND ".join(compared.values())
    open_ended = " AND ".join(f"({text} OR {parts[name][0]} IS NULL)" for name, text in compared.items())
    is_dated = "" if undated else " AND (start_utc IS NOT NULL OR end_utc IS NOT NULL)"
    found.add(f"({open_ended}{is_dated})", of_moments=of_moments, **given)


def _add_box(found: Conditions, box: Box) -> None:
    west, south, east, north = box
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        hint = "Give west, south, east, north in degrees."
        raise BadInput("bbox", f"{box} is not a box on the earth.", hint=hint)
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    points = " OR ".join(f"longitude BETWEEN $west_{n} AND $east_{n}" for n in range(len(parts)))
    shapes = " OR ".join(
        f"ST_Intersects_Extent(ST_GeomFromWKB(shape), CAST($box_{n} AS GEOMETRY))" for n in range(len(parts))
    )
    is_point = f"latitude BETWEEN $south AND $north AND ({points})"
    found.add(f"(({is_point}) OR (shape IS NOT NULL AND ({shapes})))", south=south, north=north)
    for n, (left, right) in enumerate(parts):
        found.values |= {f"west_{n}": left, f"east_{n}": right}
        found.values[f"box_{n}"] = f"LINESTRING({left!r} {south!r}, {right!r} {north!r})"


_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def _instant(text: str, after: int) -> datetime | None:
    """Beginning of a year, month or day, or with `after` its end; nothing where the text is empty."""
    if not text:
        return None
    numbers = _DAY.fullmatch(text)
    if numbers is None:
        raise ValueError(text)
    year, month, day = (None if part is None else int(part) for part in numbers.groups())
    first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    if not after:
        return first
    if day is not None:
        return first + timedelta(days=1)
    if month is not None:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first.replace(year=first.year + 1)
