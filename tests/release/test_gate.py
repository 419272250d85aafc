"""What may leave the workspace."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from shapely import Point

from tests.release.samples import TODAY, make_module, make_product, make_source
from wildways.model import Access, BadInput, Derivation, Inputs, Population, Sample
from wildways.release.features import Features
from wildways.release.gate import check_positions, decide, open_records, open_sources, public_columns


def decide_on(*sources: Any, **changes: Any) -> Any:
    inputs = Inputs(snapshot=1, sources=tuple(source.id for source in sources), source_files=())
    return decide(make_product(inputs=inputs, **changes), make_module(*sources), TODAY)


def test_products_of_a_source_with_default_access_are_public() -> None:
    decision = decide_on(make_source())
    assert decision.is_public
    assert decision.licence == "CC-BY-4.0"
    assert decision.sources[0].owner == "Herd Unit 7"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access": Access.PRIVATE}, "private"),
        ({"embargo_until": date(2026, 11, 24)}, "embargo"),
        ({"licence": "CC-BY-ND-4.0"}, "licence"),
        ({"licence": "custom"}, "licence"),
        ({"licence": "All rights reserved"}, "licence"),
    ],
)
def test_one_source_that_forbids_it_withholds_the_product(changes: dict[str, Any], code: str) -> None:
    decision = decide_on(make_source(id="open", access=Access.OPEN), make_source(**changes))
    assert decision.code == code
    assert not decision.is_public
    assert decision.licence == ""
    assert decision.sources == ()


def test_an_embargo_ends_as_its_day_begins() -> None:
    assert decide_on(make_source(embargo_until=TODAY)).is_public
    assert not decide_on(make_source(embargo_until=date(2026, 11, 24))).is_public


def test_a_product_of_a_source_the_module_no_longer_has_is_withheld() -> None:
    inputs = Inputs(snapshot=1, sources=("collars", "gone"), source_files=())
    assert decide(make_product(inputs=inputs), make_module(), TODAY).code == "unknown-source"


def test_a_product_without_sources_is_withheld() -> None:
    assert decide_on().code == "unknown-source"


def test_non_commercial_sources_make_the_product_non_commercial() -> None:
    assert decide_on(make_source(), make_source(id="b", licence="CC-BY-NC-4.0")).licence == "CC-BY-NC-4.0"


def test_too_few_animals_withhold_a_product() -> None:
    product = make_product(sample=Sample(n_animals=4, n_sequences=9, n_fixes=900, years=(2009,)))
    assert decide(product, make_module(), TODAY, min_animals=5).code == "few-animals"
    assert decide(product, make_module(), TODAY, min_animals=4).is_public


@pytest.mark.parametrize("access", [Access.PRODUCTS, Access.PRIVATE])
def test_raw_records_want_open_sources(access: Access) -> None:
    assert not decide_on(make_source(access=access), derivation=Derivation.RECORDS).is_public
    assert decide_on(make_source(access=Access.OPEN), derivation=Derivation.RECORDS).is_public


def test_an_atlas_licence_must_be_known() -> None:
    with pytest.raises(BadInput, match="“mine”") as error:
        decide(make_product(), make_module(), TODAY, atlas_licence="mine")
    assert error.value.code == "licence-unknown"


def test_readers_are_told_neither_dates_nor_numbers() -> None:
    embargoed = decide_on(make_source(embargo_until=date(2031, 5, 17)))
    few = decide(make_product(), make_module(), TODAY, min_animals=77)
    for decision in (embargoed, few):
        told = decision.withheld.model_dump_json()
        assert "2031" not in told
        assert "77" not in told
        assert set(decision.withheld.reason) == {"en", "fr", "es"}


def test_a_private_product_is_not_even_named() -> None:
    withheld = decide_on(make_source(access=Access.PRIVATE)).withheld
    assert withheld.product == "ungulates"


def test_embargoed_and_private_evidence_sound_alike() -> None:
    private = decide_on(make_source(access=Access.PRIVATE)).withheld
    embargoed = decide_on(make_source(embargo_until=date(2031, 5, 17))).withheld
    assert private.reason == embargoed.reason


def test_only_declared_properties_are_public_and_the_class() -> None:
    assert public_columns(make_product("corridors")) == ["n_animals", "class"]
    assert public_columns(make_product("routes")) == ["n_animals"]


class Store:
    """A store that remembers what it was asked."""

    def __init__(self, *positions: tuple[float, float]) -> None:
        self.positions = positions
        self.asked: list[dict[str, Any]] = []

    def fixes(self, **asked: Any) -> pa.Table:
        self.asked.append(asked)
        longitude, latitude = zip(*self.positions, strict=True) if self.positions else ((), ())
        return pa.table({"longitude": pa.array(longitude, pa.float64()), "latitude": pa.array(latitude, pa.float64())})

    def snapshot(self) -> int:
        return 1


SHOWN = Features(pa.table({"n_animals": [1]}), np.array([Point(-109.5, 41.5)]))


def test_features_that_show_a_fix_of_a_closed_source_are_withheld() -> None:
    decision = decide_on(make_source())
    checked = check_positions(decision, make_product(), SHOWN, make_module(), Store((-109.5, 41.5)))
    assert checked.code == "positions"
    assert "-109" not in checked.withheld.model_dump_json()


def test_features_that_show_no_fix_pass() -> None:
    decision = decide_on(make_source())
    assert check_positions(decision, make_product(), SHOWN, make_module(), Store((-109.4, 41.5))) == decision


def test_features_of_open_sources_may_show_fixes() -> None:
    source = make_source(access=Access.OPEN)
    decision, store = decide_on(source), Store((-109.5, 41.5))
    assert check_positions(decision, make_product(), SHOWN, make_module(source), store).is_public
    assert store.asked == []


def test_raw_records_are_read_from_open_sources_only() -> None:
    sources = (
        make_source(id="a", access=Access.OPEN),
        make_source(id="b"),
        make_source(id="c", access=Access.OPEN, embargo_until=date(2030, 1, 1)),
        make_source(id="d", access=Access.OPEN, licence="custom"),
        make_source(id="e", access=Access.OPEN, licence="CC-BY-ND-4.0"),
    )
    module, store = make_module(*sources), Store((-109.5, 41.5))
    opened = open_records(store, module, module.populations[0], TODAY)
    assert opened is not None
    assert opened[0] == ("a",)
    assert store.asked == [
        {"module_id": "ungulates", "source_ids": ("a",), "taxon": "Odocoileus hemionus", "organism_ids": ()}
    ]


def test_without_open_sources_the_store_is_not_asked_for_records() -> None:
    module, store = make_module(), Store((-109.5, 41.5))
    assert open_records(store, module, module.populations[0], TODAY) is None
    assert store.asked == []


def test_a_population_opens_only_its_own_sources() -> None:
    sources = (make_source(id="a", access=Access.OPEN), make_source(id="b", access=Access.OPEN))
    population = Population(id="herd", title={"en": "Herd"}, taxon="Odocoileus hemionus", sources=("b",))
    assert [source.id for source in open_sources(make_module(*sources), population, TODAY)] == ["b"]
