"""One question to all kinds of evidence: filters, common rows, counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.store.evidence_rows import DEER, STORK, add, fix, write_atlas
from wildways import Atlas
from wildways.model import BadInput, NotFound
from wildways.store import EVIDENCE, Evidence, Workspace, open_evidence
from wildways.store.evidence_rows import points_as_wkb
from wildways.store.selection import parse_period


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An atlas with evidence of every kind; not to be changed."""
    return write_atlas(tmp_path_factory.mktemp("evidence") / "atlas")


@pytest.fixture(scope="module")
def evidence(folder: Path) -> Iterator[Evidence]:
    """Its evidence."""
    with open_evidence(folder) as opened:
        yield opened


def rows(evidence: Evidence, **filters: Any) -> list[tuple[str, int]]:
    """Kind and row of what is found."""
    found = evidence.records(**filters)
    return list(zip(found["kind"].to_pylist(), found["source_row"].to_pylist(), strict=True))


def test_every_kind_comes_as_the_same_row(evidence: Evidence) -> None:
    found = evidence.records()
    assert found.schema == EVIDENCE.schema
    assert found.num_rows == 17
    assert {kind: found["kind"].to_pylist().count(kind) for kind in dict.fromkeys(found["kind"].to_pylist())} == {
        "fix": 5, "encounter": 2, "detection": 1, "site": 5, "link": 3, "drawn": 1,
    }  # fmt: skip


def test_a_row_says_where_it_is_from_and_what_may_be_done_with_it(evidence: Evidence) -> None:
    first = evidence.records(kind="fix", limit=1).to_pylist()[0]
    assert (first["module_id"], first["source_id"], first["source_file"]) == ("plains", "tracks", "data/tracks.csv")
    assert (first["licence"], first["access"], first["owner"], first["citation"]) == (
        "CC-BY-4.0", "open", "A. Keeper", "Keeper 2020",
    )  # fmt: skip
    assert set(evidence.records(kind=["site", "drawn"])["access"].to_pylist()) == {"private"}
    assert evidence.records(kind="site")["citation"].to_pylist() == ["Author 1999", None, None, None, None]


def test_a_record_without_a_name_has_that_of_its_animal_whatever_file_names_it(evidence: Evidence) -> None:
    found = evidence.records(kind=["fix", "detection"]).select(["source_row", "taxon", "accepted_taxon"]).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        (1, "Odocoileus  hemionus", DEER),
        (2, "Odocoileus  hemionus", DEER),
        (3, "Odocoileus  hemionus", DEER),
        (4, STORK, STORK),
        (5, "Odocoileus hemionnus", None),
        (8, STORK, STORK),
    ]


@pytest.mark.parametrize("name", [DEER, "odocoileus  HEMIONUS", "Odocoileus", "Odocoileus hemionus columbianus"])
def test_a_taxon_is_found_by_any_of_its_names(evidence: Evidence, name: str) -> None:
    assert rows(evidence, taxon=name) == [("fix", 1), ("fix", 2), ("fix", 3), ("drawn", 9)]


def test_a_taxon_is_found_by_its_common_name_family_and_order(evidence: Evidence) -> None:
    storks = rows(evidence, taxon=STORK)
    assert len(storks) == 12
    assert rows(evidence, taxon="white stork") == rows(evidence, taxon="Ciconiidae") == storks
    assert rows(evidence, taxon="Ciconiiformes") == storks


def test_a_misspelt_taxon_is_answered_with_suggestions(evidence: Evidence) -> None:
    with pytest.raises(BadInput, match=STORK) as caught:
        evidence.records(taxon="Ciconia ciconnia")
    assert caught.value.code == "taxon-misspelt"


def test_a_name_that_the_sources_misspell_is_found_as_they_write_it(evidence: Evidence) -> None:
    assert rows(evidence, taxon="Odocoileus hemionnus") == [("fix", 5)]
    assert rows(evidence, taxon="Nomen nullum") == []


def test_a_period_is_overlapped_and_unknown_times_are_left_out_unless_asked_for(evidence: Evidence) -> None:
    assert rows(evidence, taxon=DEER, period="2016") == [("fix", 2), ("drawn", 9)]
    assert rows(evidence, kind="encounter", period="2015-06..2015-07") == [("encounter", 6)]
    assert rows(evidence, kind="encounter", period="2015-06..2015-07", undated=True) == [
        ("encounter", 6),
        ("encounter", 7),
    ]
    assert rows(evidence, kind=("fix", "detection"), period="2017-05..") == [("fix", 5), ("detection", 8)]
    assert rows(evidence, kind="fix", period="2017-03-01..2017-04-01") == [("fix", 3), ("fix", 4)]


def test_a_box_may_cross_the_antimeridian_and_holds_lines_and_shapes(evidence: Evidence) -> None:
    assert rows(evidence, bbox=(165, 0, -165, 30)) == [("site", 1), ("site", 2), ("link", 6), ("link", 7)]
    assert rows(evidence, bbox=(15, 45, 16, 46)) == [("drawn", 9)]
    assert rows(evidence, bbox=(74, 24, 76, 26), taxon=DEER) == [("fix", 1)]


def test_a_country_is_certain_or_one_of_several(evidence: Evidence) -> None:
    found = evidence.records(country="IN", kind=["fix", "drawn"]).select(["source_row", "in_country"]).to_pylist()
    assert [tuple(row.values()) for row in found] == [(1, "certain"), (2, "possible"), (5, "certain"), (9, "possible")]
    assert rows(evidence, country="India", certain=True) == [("fix", 1), ("fix", 5)]
    assert rows(evidence, country="PAK") == [("fix", 2), ("fix", 3)]
    with pytest.raises(BadInput):
        evidence.records(country="Atlantis")


def test_ids_sea_and_class_choose(evidence: Evidence) -> None:
    assert rows(evidence, animal="b") == [("fix", 4), ("detection", 8)]
    assert rows(evidence, sea_area="red sea") == [("detection", 8)]
    assert rows(evidence, evidence_class="marking") == rows(evidence, kind="encounter")
    assert rows(evidence, source="words", study="n", evidence_class=["expert"]) == [("drawn", 9)]
    assert len(rows(evidence, module="plains")) == 17


def test_points_lines_and_shapes_are_geometries(evidence: Evidence) -> None:
    frame = evidence.frame()
    assert frame.crs.to_epsg() == 4326
    shapes = {(row.kind, row.source_row): row.geometry for row in frame.itertuples()}
    assert shapes["fix", 1].equals(shapely.Point(75, 25))
    assert shapes["encounter", 7] is None
    assert shapes["link", 6].equals(shapely.LineString([(170, 10), (160, 10)]))
    assert shapes["link", 7].equals(shapely.from_wkt("MULTILINESTRING((170 10, 180 15), (-180 15, -170 20))"))
    assert shapes["link", 8] is None
    assert shapes["drawn", 9].equals(shapely.box(10, 40, 20, 50))


def test_counts_are_by_what_is_asked(evidence: Evidence) -> None:
    counted = evidence.counts(by=("kind", "accepted_taxon"), kind=["fix", "detection"]).to_pylist()
    assert [(row["kind"], row["accepted_taxon"], row["n_records"], row["n_animals"]) for row in counted] == [
        ("fix", DEER, 3, 1),
        ("detection", STORK, 1, 1),
        ("fix", STORK, 1, 1),
        ("fix", None, 1, 1),
    ]
    (total,) = evidence.counts(by=(), taxon=STORK).to_pylist()
    assert (total["n_records"], total["n_animals"]) == (12, 3)
    years = evidence.counts(by=("year", "access"), kind="fix").to_pylist()
    assert {(row["year"], row["access"], row["n_records"]) for row in years} == {
        (2015, "open", 1), (2016, "open", 1), (2017, "open", 3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"kind": "fixes"}, "filter-value"),
        ({"evidence_class": ["count", "guess"]}, "filter-value"),
        ({"period": "last year"}, "period"),
        ({"period": "2018..2015"}, "period"),
        ({"period": ".."}, "period"),
        ({"period": "2015-13"}, "period"),
        ({"bbox": (0, 10, 10, 0)}, "bbox"),
        ({"module": "forests"}, "source-unknown"),
        ({"source": "tags"}, "source-unknown"),
        ({"snapshot": 1000}, "snapshot-unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused(evidence: Evidence, filters: dict[str, Any], code: str) -> None:
    with pytest.raises((BadInput, NotFound)) as caught:
        evidence.records(**filters)
    assert caught.value.code == code
    assert caught.value.hint


def test_counting_by_an_unknown_column_names_the_known_ones(evidence: Evidence) -> None:
    with pytest.raises(BadInput, match="accepted_taxon"):
        evidence.counts(by=("colour",))


def test_an_earlier_snapshot_answers_as_it_did(tmp_path: Path) -> None:
    folder = write_atlas(tmp_path / "atlas")
    with Workspace.open(folder / ".wildways") as workspace:
        before = workspace.snapshot()
        add(workspace, "fix", [fix(10, "a", "2019-01-01", 75.0, 25.0)])
    with open_evidence(folder) as evidence:
        assert len(rows(evidence, kind="fix")) == 6
        assert len(rows(evidence, kind="fix", snapshot=before)) == 5
        assert len(rows(evidence, kind="fix", taxon=DEER, snapshot=before)) == 3
        assert len(rows(evidence, kind="fix", taxon=DEER)) == 4


def test_a_question_sees_what_was_ingested_since_the_last_one(tmp_path: Path) -> None:
    folder = write_atlas(tmp_path / "atlas")
    with open_evidence(folder) as evidence, Workspace.open(folder / ".wildways") as writer:
        assert len(rows(evidence, kind="fix")) == 5
        add(writer, "fix", [fix(10, "a", "2019-01-01", 75.0, 25.0)])
        assert len(rows(evidence, kind="fix")) == 6


def test_an_empty_workspace_answers_with_nothing(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "workspace") as workspace:
        assert Evidence(workspace).records(taxon=STORK) == EVIDENCE.schema.empty_table()
        assert Evidence(workspace).counts().num_rows == 0


def test_every_column_is_documented() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "evidence-rows.md").read_text(encoding="utf-8")
    for column in EVIDENCE.columns:
        assert f"| `{column.name}` |" in page
        assert column.meaning in page


def test_three_lines_of_python_answer(folder: Path) -> None:
    with Atlas.open(folder) as atlas:
        assert list(atlas.evidence(taxon=DEER, period="2015..2016")["source_row"]) == [1, 2, 9]
        assert atlas.evidence_table(taxon=DEER, limit=2).num_rows == 2
        assert atlas.count_evidence(by=("kind",), taxon=DEER).num_rows == 2


@given(st.lists(st.tuples(st.none() | st.floats(-180, 180), st.none() | st.floats(-90, 90))))
def test_points_are_the_wkb_that_others_write(points: list[tuple[float | None, float | None]]) -> None:
    longitude, latitude = (pa.array([point[n] for point in points], pa.float64()) for n in (0, 1))
    written = points_as_wkb(longitude, latitude).to_pylist()
    expected = [None if None in point else shapely.Point(*point).wkb for point in points]
    assert written == expected


@given(st.dates(), st.dates())
def test_a_period_of_days_holds_both_of_them(one: Any, other: Any) -> None:
    first, last = min(one, other), max(one, other)
    if last.isoformat() == "9999-12-31":
        return
    start, end = parse_period((first, last))
    assert start is not None
    assert end is not None
    assert start.date() == first
    assert (end - start).days == (last - first).days + 1
    assert parse_period(f"{first}..{last}") == (start, end)
