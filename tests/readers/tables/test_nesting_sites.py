"""Tables of nesting sites: counts with their bounds, seasons with their length, absence told from not counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.tables.files import read_tables, template, write_table
from wildways.readers import Reader
from wildways.readers.fields import load_fields
from wildways.readers.periods import read_period, read_season
from wildways.readers.tables.nesting_sites import FIELDS, NestingSites

READER = NestingSites()
COLUMNS = "beach,country,latitude,longitude,season,count,count_low,count_high,count_of,evidence_class,citation"
SAMPLES = (template("nesting_sites.csv"),)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "formats" / "nesting-sites.md"


def row(**changes: str) -> str:
    """A sound row with some fields changed."""
    sound = {"beach": "Long Beach", "latitude": "10.5", "longitude": "-83.5", "season": "2019", "count_of": "nests"}
    values = dict.fromkeys(COLUMNS.split(","), "") | sound | {"count": "120"} | changes
    return ",".join(values.values())


def test_the_template_is_claimed_and_read(tmp_path: Path) -> None:
    file = tmp_path / "nests.csv"
    file.write_bytes(SAMPLES[0])
    assert isinstance(READER, Reader)
    assert READER.claims(file)
    tables, account, findings = read_tables(READER, file)
    assert (account.n_rows, account.n_kept, set(findings)) == (3, 3, {"count-unquantified"})
    green, leatherback, flatback = tables["site"].to_pylist()
    assert (green["site_id"], green["name"], green["site_type"]) == ("LB", "Long Beach", "nesting-beach")
    assert (green["count_low"], green["count_high"], green["count_of"]) == (1200, 1500, "nests")
    assert (green["start_utc"].year, green["end_utc"].year) == (2018, 2019)
    assert (leatherback["count_low"], leatherback["count_high"], leatherback["count_of"]) == (214, 214, "crawls")
    assert (flatback["site_id"], flatback["evidence_class"]) == ("Coral Cay, AU", "literature")
    assert (flatback["count_low"], flatback["count_high"], flatback["count_of"]) == (None, None, None)


def test_every_field_is_in_the_template_and_in_the_data_dictionary() -> None:
    header = SAMPLES[0].decode().splitlines()[0].split(",")
    names = [field.name.replace("-", "_") for field in load_fields(FIELDS)]
    assert sorted(header) == sorted(names)
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in names)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0", 0, 0),
        ("120", 120, 120),
        ("100-150", 100, 150),
        ("100 – 150", 100, 150),
        (">500", 500, None),
        ("≥ 500", 500, None),
        ("<10", None, 10),
        ('"1,200"', 1200, 1200),
        ("X", None, None),
    ],
)
def test_counts_keep_their_bounds(tmp_path: Path, text: str, low: float | None, high: float | None) -> None:
    tables, _, _ = read_tables(READER, write_table(tmp_path, COLUMNS, [row(count=text)]))
    (site,) = tables["site"].to_pylist()
    assert (site["count_low"], site["count_high"]) == (low, high)


def test_none_counted_is_a_count_and_blank_is_not(tmp_path: Path) -> None:
    file = write_table(tmp_path, COLUMNS, [row(count="0"), row(count="", season="2018"), row(count="x", season="2017")])
    tables, _, findings = read_tables(READER, file)
    assert tables["site"]["count_low"].to_pylist() == [0, None, None]
    assert tables["site"]["evidence_class"].to_pylist() == ["count", "expert", "expert"]
    assert (findings["count-unquantified"].n_rows, findings["evidence-class-assumed"].n_rows) == (1, 2)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"beach": ""}, "field-missing", "beach"),
        ({"count": "many"}, "count-unreadable", "count"),
        ({"count": "-3"}, "count-unreadable", "count"),
        ({"count": "1,20"}, "count-unreadable", "count"),
        ({"count": "9-3"}, "count-order", "count"),
        ({"count": "", "count_low": "9", "count_high": "3"}, "count-order", "count_low"),
        ({"season": "last year"}, "date-unreadable", "season"),
        ({"season": "2019-2018"}, "date-unreadable", "season"),
        ({"season": "2030"}, "date-future", "season"),
        ({"evidence_class": "rumour"}, "evidence-class-unknown", "evidence_class"),
        ({"latitude": "-95"}, "latitude-range", "latitude"),
    ],
)
def test_a_bad_row_is_refused_counted_and_placed(
    tmp_path: Path, changes: dict[str, str], code: str, field: str
) -> None:
    changes = {key: f'"{value}"' if "," in value else value for key, value in changes.items()}
    _, account, findings = read_tables(READER, write_table(tmp_path, COLUMNS, [row(), row(**changes)]))
    assert (account.n_rows, account.n_kept) == (2, 1)
    assert findings[code].refused
    assert (findings[code].place.line, findings[code].place.field) == (3, field)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"count_of": ""}, "count-of-missing"),
        ({"count_of": "body pits"}, "count-of-unknown"),
        ({"latitude": "10.6", "season": "2018"}, "site-moved"),
        ({}, "site-repeated"),
        ({"season": "2008-09"}, "date-ambiguous"),
    ],
)
def test_an_odd_row_is_kept_and_remarked_on(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    _, account, findings = read_tables(READER, write_table(tmp_path, COLUMNS, [row(), row(**changes)]))
    assert account.n_kept == 2
    assert (findings[code].n_rows, findings[code].place.line) == (1, 3)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", (2019, 1, 1), (2019, 12, 31)),
        ("2018-2019", (2018, 1, 1), (2019, 12, 31)),
        ("2018/19", (2018, 1, 1), (2019, 12, 31)),
        ("1999-00", (1999, 1, 1), (2000, 12, 31)),
        ("2018-09", (2018, 9, 1), (2018, 9, 30)),
        ("2008-09", (2008, 1, 1), (2009, 12, 31)),
        ("2018-11/2019-03", (2018, 11, 1), (2019, 3, 31)),
        ("2020-02", (2020, 2, 1), (2020, 2, 29)),
    ],
)
def test_seasons_last_from_their_first_to_their_last_day(
    text: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    season = read_season(text)
    assert (season.start, season.end.date()) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC).date())
    assert season.is_ambiguous == (text == "2008-09")


@given(st.datetimes(datetime(1700, 1, 1), datetime(2200, 12, 31)))  # noqa: DTZ001
def test_a_moment_lies_within_its_day_month_and_year(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    spans = [
        read_period(aware.strftime("%Y-%m-%d")),
        read_period(aware.strftime("%Y-%m")),
        read_period(f"{aware.year}"),
    ]
    assert all(span.start <= aware <= span.end for span in spans)
    exact = read_period(aware.isoformat())
    assert exact.start == exact.end == aware


@given(st.text(max_size=30))
def test_any_other_text_is_no_date(text: str) -> None:
    try:
        period = read_season(text)
    except ValueError:
        return
    assert period.start <= period.end


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    for name in ("flipper_tags.csv", "network_links.csv", "network_sites.csv"):
        (tmp_path / name).write_bytes(template(name))
        assert not READER.claims(tmp_path / name)
