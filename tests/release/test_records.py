"""Raw records as a layer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from tests.release.samples import CREATED, make_module
from wildways.model import TABLES, Derivation
from wildways.release.records import records_features, records_product

START = datetime(2025, 4, 1, tzinfo=UTC)


def make_fix(number: int, **changes: Any) -> dict[str, Any]:
    given = {
        "module_id": "ungulates",
        "source_id": "collars",
        "source_file_id": "ab" * 32,
        "source_row": number,
        "study_id": "Sagebrush",
        "organism_id": f"deer-{number % 3}",
        "tag_id": "150.310",
        "taxon": "Odocoileus hemionus",
        "time_utc": START + timedelta(hours=number),
        "longitude": -109.5 + number / 100,
        "latitude": 41.5,
        "sensor_type": "gps",
    }
    return {**dict.fromkeys(TABLES["fix"].column_names), **given, **changes}


def make_fixes(*changes: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([make_fix(n, **change) for n, change in enumerate(changes)], TABLES["fix"].schema)


def test_the_record_says_where_the_records_come_from_and_how_many_there_are() -> None:
    module = make_module()
    product = records_product(module, module.populations[0], ("collars",), make_fixes(*[{}] * 7), 4, CREATED)
    assert product.id == "ungulates.sagebrush.fixes"
    assert product.derivation is Derivation.RECORDS
    assert (product.sample.n_animals, product.sample.n_fixes, product.sample.years) == (3, 7, (2025,))
    assert product.inputs.snapshot == 4
    assert product.legend is not None
    assert not product.legend.visible


def test_animals_of_two_studies_with_one_name_are_two_animals() -> None:
    module = make_module()
    fixes = make_fixes({"organism_id": "1"}, {"organism_id": "1", "study_id": "Other"})
    product = records_product(module, module.populations[0], ("collars",), fixes, 4, CREATED)
    assert product.sample.n_animals == 2


def test_points_carry_time_animal_and_marks_and_no_tag() -> None:
    features = records_features(make_fixes({}, {}))
    assert "tag_id" not in features.table.column_names
    assert "source_row" not in features.table.column_names
    row = features.table.to_pylist()[0]
    assert row["organism_id"].startswith("deer-")
    assert features.geometry[0].x == row["longitude"]


def test_outliers_are_told_apart_unless_the_owner_says_they_are_valid() -> None:
    changes = (
        {},
        {"visible": False},
        {"algorithm_marked_outlier": True},
        {"manually_marked_outlier": True, "manually_marked_valid": True},
        {"visible": True, "import_marked_outlier": False},
    )
    table = records_features(make_fixes(*changes)).table.sort_by("time_utc")
    assert table["class"].to_pylist() == ["position", "marked", "marked", "position", "position"]
