"""The corridors analysis on a simulated herd whose truth is known."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from wildways.analyses import Draft, PopulationEvidence
from wildways.analyses.build import run_unit
from wildways.analyses.corridors import CorridorParameters, Corridors
from wildways.analyses.windows_file import read_windows
from wildways.model import BadInput, Inputs, ModuleDefinition, Population
from wildways.simulate import SimulatedHerd, demo_herds, simulate_herd


@pytest.fixture(scope="module")
def herd() -> SimulatedHerd:
    return simulate_herd(demo_herds()[0], rng=np.random.default_rng(7))


@pytest.fixture(scope="module")
def evidence(herd: SimulatedHerd) -> PopulationEvidence:
    return PopulationEvidence(
        module=ModuleDefinition(id="ungulates", title="Ungulates"),
        population=Population(id="steppe", title="Steppe", taxon=herd.spec.taxon),
        fixes=herd.fixes,
        decided_windows=read_windows(None),
        inputs=Inputs(snapshot=1, sources=("herd",), source_files=("00",)),
        simulated=True,
    )


def _run(evidence: PopulationEvidence, cache: Path, **parameters: object) -> dict[str, Draft]:
    plan = Corridors().plan(evidence, CorridorParameters.model_validate(parameters))
    for unit in plan.units:
        run_unit(unit, str(cache))
    return {draft.product.role: draft for draft in plan.merge([cache / unit.file_name for unit in plan.units])}


@pytest.fixture(scope="module")
def drafts(evidence: PopulationEvidence, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft]:
    return _run(evidence, tmp_path_factory.mktemp("cache"), cell_m=1000)


def _features(draft: Draft, folder: Path) -> gpd.GeoDataFrame:
    draft.write(folder)
    return gpd.read_parquet(folder / "features.parquet")


def test_every_kind_of_product_is_made_and_labelled_simulated(drafts: dict[str, Draft]) -> None:
    assert list(drafts) == ["corridors", "stopovers", "routes", "use", "sequences"]
    assert all(draft.product.simulated for draft in drafts.values())


def test_classes_are_nested_and_count_whole_animals(drafts: dict[str, Draft], tmp_path: Path) -> None:
    corridors = _features(drafts["corridors"], tmp_path)
    assert corridors["class"].tolist() == ["low", "medium", "high"]
    assert corridors["area_km2"].is_monotonic_decreasing
    assert corridors["min_animals"].is_monotonic_increasing
    low, medium, high = corridors.geometry
    assert medium.difference(low).area < 1e-6 * low.area
    assert high.difference(medium).area < 1e-6 * medium.area


def test_the_corridor_covers_the_routes_the_animals_took(
    herd: SimulatedHerd, drafts: dict[str, Draft], tmp_path: Path
) -> None:
    low = _features(drafts["corridors"], tmp_path).geometry.iloc[0]
    routes = herd.routes.union_all()
    assert routes.intersection(low).length / routes.length > 0.8


def test_the_legend_states_the_numbers_that_were_used(drafts: dict[str, Draft]) -> None:
    product = drafts["corridors"].product
    assert product.legend is not None
    n = product.sample.n_animals
    high = product.legend.classes[0]
    least = product.method.parameters["classes_min_animals"]["high"]
    assert f"at least {least} of {n} tracked animals" in high.rule["en"]
    assert "grid of 1000 m" in product.method.statement["en"]
    assert product.method.parameters["cell_m"] == 1000
    assert all({"en", "fr", "es"} <= set(words) for words in (high.rule, product.method.statement, product.title))


def test_no_animal_is_named_and_no_fix_is_shown(herd: SimulatedHerd, drafts: dict[str, Draft], tmp_path: Path) -> None:
    drafts["sequences"].write(tmp_path)
    table = pd.read_parquet(tmp_path / "table.parquet")
    names = set(herd.fixes["animal_id"])
    assert not names & set(table.astype(str).to_numpy().ravel())
    routes = _features(drafts["routes"], tmp_path)
    vertices = np.round(routes.geometry.get_coordinates().to_numpy(), 6)
    fixes = np.round(herd.fixes[["longitude", "latitude"]].to_numpy(), 6)
    assert not {tuple(v) for v in vertices} & {tuple(f) for f in fixes}


def test_the_use_raster_holds_all_of_the_time(drafts: dict[str, Draft], tmp_path: Path) -> None:
    drafts["use"].write(tmp_path)
    with rasterio.open(tmp_path / "raster.tif") as raster:
        assert raster.read(1).sum() == pytest.approx(1, abs=1e-5)


def test_the_sample_counts_what_was_used(herd: SimulatedHerd, drafts: dict[str, Draft], tmp_path: Path) -> None:
    sample = drafts["corridors"].product.sample
    drafts["sequences"].write(tmp_path)
    table = pd.read_parquet(tmp_path / "table.parquet")
    used = table[table["left_out_because"] == ""]
    assert sample.n_sequences == len(used)
    assert sample.n_fixes == used["n_fixes"].sum()
    migrants = herd.windows[herd.windows["start_utc"].notna()]["animal_id"].nunique()
    assert 0.8 * migrants <= sample.n_animals <= len(set(herd.fixes["animal_id"]))


def test_few_animals_give_fewer_classes_and_say_so(evidence: PopulationEvidence, tmp_path: Path) -> None:
    animals = sorted(set(evidence.fixes["animal_id"]))[-8:]
    few = replace(evidence, fixes=evidence.fixes[evidence.fixes["animal_id"].isin(animals)].reset_index(drop=True))
    product = _run(few, tmp_path, cell_m=2500)["corridors"].product
    assert product.legend is not None
    assert [entry.value for entry in product.legend.classes] == ["low"]
    caveats = " ".join(caveat["en"] for caveat in product.caveats)
    assert "cannot be told apart" in caveats
    assert "fewer than 20" in caveats


def test_a_window_that_people_decided_wins(evidence: PopulationEvidence, tmp_path: Path) -> None:
    plan = Corridors().plan(evidence, CorridorParameters())
    proposed = next(iter(plan.side_files.values()))
    row = proposed[proposed["start_utc"].notna()].iloc[0]
    file = tmp_path / "windows.csv"
    header = "animal_id,bio_year,season,start_utc,end_utc,decided_by,decided_on,reason"
    file.write_text(f"{header}\n{row['animal_id']},{row['bio_year']},{row['season']},,,A. Biologist,2026-11-01,none\n")
    decided = replace(evidence, decided_windows=read_windows(file))
    sequence = f"{row['animal_id']}_{row['bio_year']}_{row['season']}"
    assert sequence in [unit.label for unit in plan.units]
    assert sequence not in [unit.label for unit in Corridors().plan(decided, CorridorParameters()).units]


def test_a_decided_window_of_an_unknown_animal_is_refused(evidence: PopulationEvidence, tmp_path: Path) -> None:
    file = tmp_path / "windows.csv"
    file.write_text("animal_id,bio_year,season,start_utc,end_utc,decided_by\n\nNobody,2019,spring,,,A. Biologist\n")
    with pytest.raises(BadInput) as caught:
        Corridors().plan(replace(evidence, decided_windows=read_windows(file)), CorridorParameters())
    assert caught.value.code == "window-animal"
    assert caught.value.place.line == 3


def test_a_population_without_fixes_is_remarked_on_and_yields_nothing(evidence: PopulationEvidence) -> None:
    plan = Corridors().plan(replace(evidence, fixes=evidence.fixes.iloc[:0]), CorridorParameters())
    assert [remark.code for remark in plan.remarks] == ["population-empty"]
    assert list(plan.merge([])) == []


def test_a_sequence_that_failed_is_left_out_and_said(evidence: PopulationEvidence, tmp_path: Path) -> None:
    plan = Corridors().plan(evidence, CorridorParameters(cell_m=2500))
    for unit in plan.units[1:]:
        run_unit(unit, str(tmp_path))
    drafts = plan.merge([None, *(tmp_path / unit.file_name for unit in plan.units[1:])])
    assert any("1 migrations could not be computed" in caveat["en"] for caveat in drafts[0].product.caveats)


def test_units_with_equal_content_have_equal_keys(evidence: PopulationEvidence) -> None:
    keys = [
        [unit.key for unit in Corridors().plan(evidence, CorridorParameters(cell_m=cell_m)).units]
        for cell_m in (1000, 1000, 2500)
    ]
    assert keys[0] == keys[1]
    assert not set(keys[0]) & set(keys[2])
