"""The important-sites analysis: candidate sites of a simulated colony, what it says and what it refuses."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import rasterio
from pydantic import ValidationError

from tests.areas.birds import COLONY, bird, colony
from wildways.analyses import Draft, PopulationEvidence
from wildways.analyses.sites import ImportantSites, SiteParameters
from wildways.analyses.sites.units import read_sites
from wildways.analyses.windows_file import read_windows
from wildways.model import Inputs, ModuleDefinition, Population

PARAMETERS = SiteParameters(
    colonies=(COLONY,),
    inner_km=3,
    return_km=10,
    min_duration_h=1,
    scale_km=3,
    n_orders=10,
    population_size=500,
    global_individuals=20_000,
    red_list="LC",
)


def evidence(fixes: pd.DataFrame) -> PopulationEvidence:
    return PopulationEvidence(
        module=ModuleDefinition(id="birds", title="Birds"),
        population=Population(id="island", title="Island", taxon="Sula dactylatra"),
        fixes=fixes,
        decided_windows=read_windows(None),
        inputs=Inputs(snapshot=1, sources=("tags",), source_files=("00",)),
    )


def run(fixes: pd.DataFrame, folder: Path, parameters: SiteParameters = PARAMETERS) -> dict[str, Draft]:
    plan = ImportantSites().plan(evidence(fixes), parameters)
    for unit in plan.units:
        unit.compute(*unit.arguments, folder / unit.file_name)
    return {draft.product.role: draft for draft in plan.merge([folder / unit.file_name for unit in plan.units])}


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft]:
    return run(colony(), tmp_path_factory.mktemp("cache"))


def test_candidate_sites_lie_where_the_birds_forage(drafts: dict[str, Draft], tmp_path: Path) -> None:
    drafts["sites"].write(tmp_path)
    sites = gpd.read_parquet(tmp_path / "features.parquet")
    assert not sites.empty
    assert sites.crs.to_epsg() == 4326
    assert set(sites["class"]) == {"candidate"}
    assert (sites["n_tracked"] <= 12).all()
    assert sites["individuals"].max() <= 500
    assert sites["screens_met"].str.contains("KBA D1a").any()
    product = drafts["sites"].product
    assert [entry.name for entry in product.properties] == [
        column for column in sites.columns if column not in ("class", "geometry")
    ]
    assert product.bbox is not None
    west, south, east, north = product.bbox
    assert COLONY[0] - 0.2 < west < COLONY[0] + 0.1 < east < COLONY[0] + 0.4
    assert COLONY[1] - 0.2 < south < COLONY[1] + 0.1 < north < COLONY[1] + 0.5


def test_the_record_says_screen_and_never_that_a_site_is_one(drafts: dict[str, Draft]) -> None:
    product = drafts["sites"].product
    caveats = " ".join(caveat["en"] for caveat in product.caveats)
    assert "meets a quantitative screen; it is not a Key Biodiversity Area" in caveats
    assert "to be confirmed" in caveats
    assert all({"en", "fr", "es"} <= set(words) for words in (*product.caveats, product.method.statement))
    assert product.method.parameters["representativeness"] > 0.8
    assert product.method.parameters["seed"] == 1
    assert product.sample.n_sequences == 36


def test_representativeness_and_core_use_go_with_the_sites(drafts: dict[str, Draft], tmp_path: Path) -> None:
    drafts["representativeness"].write(tmp_path)
    table = pd.read_parquet(tmp_path / "table.parquet")
    assert table["n_animals"].tolist() == list(range(1, 12))
    assert [entry.name for entry in drafts["representativeness"].product.properties] == table.columns.tolist()
    drafts["core-use"].write(tmp_path)
    with rasterio.open(tmp_path / "raster.tif") as raster:
        assert 0 < raster.read(1).max() <= 100


def test_the_same_seed_gives_the_same_sites_and_another_key_with_another(tmp_path: Path) -> None:
    analysis, fixes = ImportantSites(), colony()
    once, again = (analysis.plan(evidence(fixes), PARAMETERS).units[0] for _ in range(2))
    other = analysis.plan(evidence(fixes), PARAMETERS.model_copy(update={"seed": 2})).units[0]
    assert once.key == again.key != other.key
    once.compute(*once.arguments, tmp_path / "a")
    again.compute(*again.arguments, tmp_path / "b")
    first, second = (read_sites(tmp_path / name) for name in "ab")
    assert (first.curve == second.curve).all()
    assert (first.sites.mask == second.sites.mask).all()


def test_too_few_birds_or_none_give_a_remark_and_no_product(tmp_path: Path) -> None:
    few = pd.concat([bird("a", [(30, 0)]), bird("b", [(30, 90)])], ignore_index=True)
    for fixes, code in (
        (few, "too-few-animals"),
        (few.iloc[:0], "population-empty"),
        (bird("a", []), "too-few-animals"),
    ):
        plan = ImportantSites().plan(evidence(fixes), PARAMETERS)
        assert plan.units == ()
        assert code in {remark.code for remark in plan.remarks}
        assert plan.merge([]) == ()


def test_five_birds_give_sites_with_a_warning(tmp_path: Path) -> None:
    product = run(colony(6), tmp_path)["sites"].product
    assert any("Only 6 animals" in caveat["en"] for caveat in product.caveats)


def test_without_a_colony_nothing_is_planned() -> None:
    with pytest.raises(ValidationError):
        SiteParameters.model_validate({"colonies": []})
    with pytest.raises(ValidationError):
        SiteParameters.model_validate({"colonies": [[-16.0, -95.0]]})
