"""The small evidence tables: every column of the schema, studies once, of rows that name one thing many times one."""

import pyarrow as pa

from wildways.model import TABLES
from wildways.readers import reader_schema
from wildways.readers.records import distinct, fill_table, make_animals, make_studies, make_table


def test_a_record_gets_the_columns_it_lacks_empty() -> None:
    table = make_table("study", [{"study_id": "a"}])
    assert table.schema == reader_schema(TABLES["study"])
    assert table.to_pylist()[0] == dict.fromkeys(table.schema.names) | {"study_id": "a"}
    assert fill_table("study", pa.table({"study_id": ["a"], "other": [1]})).equals(table)


def test_studies_are_given_once_and_in_order() -> None:
    assert make_studies(["b", "a", "b"])["study_id"].to_pylist() == ["a", "b"]
    assert make_studies([]).schema == reader_schema(TABLES["study"])


def test_animals_bring_their_studies_along() -> None:
    tables = make_animals({("s", "2"): None, ("s", "1"): "Alces alces"})
    assert tables["study"]["study_id"].to_pylist() == ["s"]
    assert tables["organism"]["organism_id"].to_pylist() == ["1", "2"]
    assert tables["organism"]["taxon"].to_pylist() == ["Alces alces", None]


def test_of_rows_with_one_key_the_first_values_in_the_alphabet_stay() -> None:
    rows = pa.table(
        {
            "study_id": ["s", "s", "s"],
            "organism_id": ["2", "1", "1"],
            "taxon": ["c", "b", "a"],
            "sex": pa.array([None, None, "f"]),
            "other": [1, 2, 3],
        }
    )
    table = distinct("organism", rows, ["study_id", "organism_id"])
    assert table.schema == reader_schema(TABLES["organism"])
    assert table.select(["organism_id", "taxon", "sex"]).to_pylist() == [
        {"organism_id": "1", "taxon": "a", "sex": "f"},
        {"organism_id": "2", "taxon": "c", "sex": None},
    ]
