"""Accepted names, countries and seas are worked out once a name and a position, and unclear names are reported."""

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.store.places import SmallWorld
from wildways.model import DERIVED_COLUMNS, TABLES
from wildways.readers import reader_schema
from wildways.store.deriving import Deriver
from wildways.store.names import MAX_NAMES, AcceptedNames

POINT = {"study_id": "s", "organism_id": "a", "source_row": 1, "longitude": -109.5, "latitude": 42.5}


def _batch(table: str, rows: list[dict[str, object]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, reader_schema(TABLES[table]))


def _derived(table: str, *rows: dict[str, object]) -> list[tuple[object, ...]]:
    batch = Deriver(SmallWorld()).derive(table, _batch(table, list(rows)))
    return list(zip(*(batch[name].to_pylist() for name in DERIVED_COLUMNS), strict=True))


@pytest.mark.parametrize("table", ["fix", "encounter", "detection", "site"])
def test_a_point_lies_in_a_country_or_at_sea(table: str) -> None:
    rows = [{**POINT, "longitude": x} for x in (-120.0, -105.0, -90.0)]
    assert _derived(table, *rows) == [
        (None, "AAA", None, None),
        (None, "BBB", None, None),
        (None, None, None, "Test Sea"),
    ]


def test_a_position_that_may_be_in_several_countries_names_them_all() -> None:
    near = {**POINT, "longitude": -109.99}
    ellipse = {**near, "uncertainty_m": None, "semi_major_m": 5_000.0}
    assert [row[2] for row in _derived("fix", {**near, "uncertainty_m": 5_000.0}, ellipse, near)] == [
        "AAA BBB",
        "AAA BBB",
        None,
    ]


def test_the_stated_uncertainty_goes_before_the_ellipse() -> None:
    exact = {**POINT, "longitude": -109.99, "uncertainty_m": 10.0, "semi_major_m": 5_000.0}
    assert _derived("fix", exact)[0][2] is None


def test_records_without_a_point_lie_nowhere() -> None:
    nowhere = {**POINT, "longitude": None, "latitude": None}
    somewhere = {**POINT, "longitude": -120.0}
    assert _derived("site", nowhere, somewhere, nowhere) == [
        (None,) * 4,
        (None, "AAA", None, None),
        (None,) * 4,
    ]
    assert _derived("site", nowhere) == [(None,) * 4]
    assert _derived("site") == []


def test_shapes_lie_where_their_outline_does() -> None:
    shape = {"geometry_wkb": shapely.to_wkb(shapely.box(-112, 40, -104, 41)), "taxon": "Saiga tatarica"}
    assert _derived("drawn", shape) == [("Saiga tatarica", "BBB", "AAA BBB", None)]


def _link(start: float | None, end: float | None, *, study: str = "s") -> list[object]:
    sites = [
        {**POINT, "site_id": name, "longitude": x, "latitude": None if x is None else 42.0}
        for name, x in (("one", start), ("two", end))
    ]
    links = [{**POINT, "study_id": study, "link_id": "l", "from_site_id": "one", "to_site_id": "two"}]
    tables = {name: pa.Table.from_batches([_batch(name, rows)]) for name, rows in (("link", links), ("site", sites))}
    (row,) = Deriver(SmallWorld()).derive_tables(tables)["link"].select(DERIVED_COLUMNS[1:]).to_pylist()
    return list(row.values())


def test_a_link_lies_where_its_two_sites_do() -> None:
    assert _link(-120, -121) == ["AAA", None, None]
    assert _link(-120, -105) == [None, "AAA BBB", None]
    assert _link(-90, -91) == [None, None, "Test Sea"]
    assert _link(-120, -90) == [None, "AAA", None]
    assert _link(-120, None) == [None, "AAA", None]
    assert _link(-120, -121, study="other") == [None, None, None]


def test_links_without_any_site_in_the_file_lie_nowhere() -> None:
    link = {**POINT, "link_id": "l", "from_site_id": "one", "to_site_id": "two", "taxon": "Saiga tatarica"}
    table = pa.Table.from_batches([_batch("link", [link])])
    (row,) = Deriver(SmallWorld()).derive_tables({"link": table})["link"].select(DERIVED_COLUMNS).to_pylist()
    assert list(row.values()) == ["Saiga tatarica", None, None, None]


def test_animals_get_their_accepted_name_and_other_tables_stay() -> None:
    animal = pa.Table.from_batches([_batch("organism", [{**POINT, "taxon": "Martes pennanti"}])])
    study = pa.Table.from_batches([_batch("study", [{"study_id": "s", "name": "s"}])])
    derived = Deriver(SmallWorld()).derive_tables({"organism": animal, "study": study})
    assert derived["organism"]["accepted_taxon"].to_pylist() == ["Pekania pennanti"]
    assert derived["study"] == study


@pytest.mark.parametrize("is_dictionary", [True, False])
def test_names_are_resolved_whether_they_come_as_texts_or_as_a_dictionary(is_dictionary: bool) -> None:
    taxa = pa.array(["Saiga tatarica", None, "Martes pennanti", "Saiga tatarico", "Pekania pennanti"])
    accepted = AcceptedNames().accept("fix", taxa.dictionary_encode() if is_dictionary else taxa)
    assert accepted.to_pylist() == ["Saiga tatarica", None, "Pekania pennanti", None, "Pekania pennanti"]


def test_misspelt_and_unknown_names_are_reported_with_what_may_be_meant() -> None:
    names = AcceptedNames()
    names.accept("fix", pa.array(["Saiga tatarico"] * 3 + ["Equus sp.", None, "Saiga tatarica"]))
    misspelt, unknown = names.findings()
    assert (misspelt.code, misspelt.n_rows, misspelt.refused, misspelt.example) == (
        "taxon-misspelt",
        3,
        False,
        "Saiga tatarico",
    )
    assert "Saiga tatarica" in (misspelt.hint or "")
    assert (unknown.code, unknown.n_rows, unknown.example) == ("taxon-unknown", 1, "Equus sp.")


def test_rows_are_counted_in_records_and_in_animals_only_where_no_record_has_the_name() -> None:
    names = AcceptedNames()
    names.accept("fix", pa.array(["Equus sp."] * 5))
    names.accept("organism", pa.array(["Equus sp.", "Capra sp."]))
    assert {finding.example: finding.n_rows for finding in names.findings()} == {"Equus sp.": 5, "Capra sp.": 1}


def test_many_names_share_a_finding_and_no_row_is_lost() -> None:
    names = AcceptedNames()
    names.accept("fix", pa.array([f"Equus {chr(97 + k // 26)}{chr(97 + k % 26)}{'x' * 12}" for k in range(100)]))
    findings = names.findings()
    assert len(findings) == MAX_NAMES + 1
    assert sum(finding.n_rows for finding in findings) == 100
    assert "80 more" in (findings[-1].hint or "")


@given(st.lists(st.tuples(st.floats(-180, 180) | st.none(), st.sampled_from([None, "Saiga tatarica", "X"]))))
def test_every_record_is_derived_by_itself(rows: list[tuple[float | None, str | None]]) -> None:
    records = [{**POINT, "longitude": x, "latitude": None if x is None else 1.0, "taxon": name} for x, name in rows]
    together = _derived("encounter", *records)
    assert together == [_derived("encounter", record)[0] for record in records]


def test_the_schema_is_known_before_the_first_batch() -> None:
    deriver = Deriver(SmallWorld())
    for table in ("fix", "organism", "study"):
        batch = _batch(table, [])
        assert deriver.derive(table, batch).schema == deriver.schema(table, batch.schema)


def test_positions_that_are_no_numbers_lie_nowhere() -> None:
    assert _derived("fix", {**POINT, "longitude": np.nan}) == [(None,) * 4]
