"""Columns that hold nothing stay behind and are put back."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.readers import FIX_SCHEMA
from wildways.readers.isolation.columns import Filler, announced_table, drop_empty, fix_schema, say_dictionaries
from wildways.readers.isolation.frames import BrokenFrame

SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("text", pa.dictionary(pa.int32(), pa.string())),
        pa.field("number", pa.float64()),
        pa.field("mark", pa.bool_()),
    ]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "row": st.integers(0, 9),
            "text": st.sampled_from([None, "a", "b"]),
            "number": st.none() | st.floats(0, 1),
            "mark": st.none() | st.booleans(),
        }
    ),
    max_size=3,
)


@given(st.lists(ROWS, max_size=4))
def test_what_was_dropped_is_put_back(parts: list[list[dict[str, object]]]) -> None:
    filler = Filler(SCHEMA)
    for rows in parts:
        batch = pa.RecordBatch.from_pylist(rows, SCHEMA)
        whole = filler.fill(drop_empty(batch))
        whole.validate(full=True)
        assert whole.schema == SCHEMA
        assert whole.to_pylist() == rows


def test_columns_without_values_are_dropped_but_for_required_ones() -> None:
    batch = pa.RecordBatch.from_pylist([{"row": 1, "mark": True}], SCHEMA)
    assert drop_empty(batch).schema.names == ["row", "mark"]


@pytest.mark.parametrize(
    "batch",
    [
        pa.record_batch({"mark": [True]}, pa.schema([SCHEMA.field("mark")])),
        pa.record_batch({"row": ["1"]}),
        pa.record_batch({"row": [1], "other": [1]}, pa.schema([SCHEMA.field("row"), pa.field("other", pa.int64())])),
        pa.record_batch([[1], [1]], pa.schema([SCHEMA.field("row"), SCHEMA.field("row")])),
    ],
    ids=["missing", "type", "unknown", "twice"],
)
def test_other_columns_are_refused(batch: pa.RecordBatch) -> None:
    with pytest.raises(BrokenFrame, match="columns"):
        Filler(SCHEMA).fill(batch)


@given(st.dictionaries(st.sampled_from(["study_id", "tag_id"]), st.sampled_from(["int8", "int32"])))
def test_dictionaries_are_told(dictionaries: dict[str, str]) -> None:
    schema = fix_schema(dictionaries)
    assert schema.names == FIX_SCHEMA.names
    assert say_dictionaries(schema) == dictionaries


@pytest.mark.parametrize("wrong", [None, [], {"no": "int8"}, {"study_id": "float"}, {"study_id": 1}, {"study_id": []}])
def test_dictionaries_told_wrongly_are_refused(wrong: object) -> None:
    with pytest.raises(BrokenFrame):
        fix_schema(wrong)


@pytest.mark.parametrize("wrong", [None, 1, "no-table", ["study"]])
def test_a_table_that_there_is_not_is_refused(wrong: object) -> None:
    with pytest.raises(BrokenFrame):
        announced_table({"table": wrong})
