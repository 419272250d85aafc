"""Products and catalogues are written and read back unchanged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wildways.model import Derivation, Inputs, MethodRecord, Product, ProductKind, Sample


def _product(**changes: object) -> Product:
    values: dict[str, object] = {
        "id": "ungulates.range.corridors",
        "module": "ungulates",
        "population": "range",
        "role": "corridors",
        "kind": ProductKind.FEATURES,
        "derivation": Derivation.TRACKING_UD,
        "title": "Corridors",
        "taxon": "Odocoileus hemionus",
        "file": "features.parquet",
        "bbox": (-110.0, 42.0, -109.0, 43.0),
        "method": MethodRecord(
            name="corridors", statement={"en": "How."}, parameters={"cell_m": 250.0}, references=(), code_version="1"
        ),
        "inputs": Inputs(snapshot=3, sources=("deer",), source_files=("ab",)),
        "sample": Sample(n_animals=2, n_sequences=3, n_fixes=100, years=(2007, 2009)),
        "created_utc": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Product.model_validate({**values, **changes})


@given(
    sample=st.builds(
        Sample,
        n_animals=st.integers(0, 10**6),
        n_sequences=st.integers(0, 10**6),
        n_fixes=st.integers(0, 10**9),
        years=st.lists(st.integers(1900, 2100), max_size=5).map(tuple),
        first_utc=st.none(),
        last_utc=st.none(),
    )
)
def test_reading_what_was_written_gives_it_back(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> None:
    folder: Path = tmp_path_factory.mktemp("product")
    product = _product(sample=sample)
    product.write(folder)
    assert Product.read(folder) == product


def test_an_id_that_could_leave_its_folder_is_refused() -> None:
    with pytest.raises(ValidationError):
        _product(id="../../etc/passwd")


def test_a_bare_title_is_english() -> None:
    assert _product().title == {"en": "Corridors"}
