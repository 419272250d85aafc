"""The corridors analysis on a simulated herd whose truth is known."""

from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pydantic import ValidationError
from pyproj import CRS

from wildways.analyses import Draft, PopulationEvidence
from wildways.analyses.computing import run_unit
from wildways.analyses.corridors import CorridorParameters, Corridors
from wildways.analyses.population import read_use
from wildways.analyses.population.units import write_use
from wildways.analyses.population.variances import settle_bridging
from wildways.analyses.windows_file import read_windows
from wildways.model import BadInput, Inputs, ModuleDefinition, Population
from wildways.movement import (
    Grid,
    Sequence,
    UtilisationDistribution,
    brownian_bridge,
    project,
    trim_to_volume,
    unproject,
)
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


def _raster(draft: Draft, folder: Path) -> rasterio.DatasetReader:
    folder.mkdir()
    draft.write(folder)
    return rasterio.open(folder / "raster.tif")


def test_every_kind_of_product_is_made_and_labelled_simulated(drafts: dict[str, Draft]) -> None:
    assert list(drafts) == ["corridors", "stopovers", "routes", "footprint", "use", "sequences"]
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


def _narrow(evidence: PopulationEvidence, n_animals: int) -> PopulationEvidence:
    animals = sorted(set(evidence.fixes["animal_id"]))[-n_animals:]
    return replace(evidence, fixes=evidence.fixes[evidence.fixes["animal_id"].isin(animals)].reset_index(drop=True))


def test_the_footprint_counts_animals_and_its_classes_are_the_corridors(
    drafts: dict[str, Draft], tmp_path: Path
) -> None:
    drafts["footprint"].write(tmp_path)
    with rasterio.open(tmp_path / "raster.tif") as raster:
        counts = raster.read(1)
    product = drafts["corridors"].product
    assert counts.max() <= product.sample.n_animals
    areas = _features(drafts["corridors"], tmp_path).set_index("class")["area_km2"]
    for name, least in product.method.parameters["classes_min_animals"].items():
        assert (counts >= least).sum() == pytest.approx(areas[name])


def test_what_stands_behind_the_maps_is_recorded_and_said(drafts: dict[str, Draft]) -> None:
    product = drafts["corridors"].product
    record = product.method.parameters["representativeness"]
    assert 0 < record["use"]["share"] <= 1
    assert set(record["leave_one_out_jaccard"]) == {"low", "medium", "high"}
    assert all(0 < found["worst"] <= found["median"] <= 1 for found in record["leave_one_out_jaccard"].values())
    caveats = " ".join(caveat["en"] for caveat in product.caveats)
    assert "core use" in caveats
    assert "Leaving out one animal changes" in caveats


@pytest.mark.parametrize(
    ("scheme", "classes"),
    [
        ("mapp2", ["animals-1", "animals-2", "share-20"]),
        ("mapp3", ["animals-1", "animals-2", "share-20", "share-30"]),
        ("utah", ["low", "medium", "high"]),
    ],
)
def test_every_scheme_is_made_of_the_same_units_and_says_its_rule(
    evidence: PopulationEvidence, tmp_path: Path, scheme: str, classes: list[str]
) -> None:
    few = _narrow(evidence, 14)
    keys = [unit.key for unit in Corridors().plan(few, CorridorParameters(cell_m=5000)).units]
    parameters = CorridorParameters(cell_m=5000, scheme=scheme)
    assert [unit.key for unit in Corridors().plan(few, parameters).units] == keys
    product = _run(few, tmp_path, cell_m=5000, scheme=scheme)["corridors"].product
    assert product.legend is not None
    assert [entry.value for entry in product.legend.classes][::-1] == classes
    rule = product.method.parameters["scheme_rule"]
    assert rule["name"] == scheme
    assert rule["reference"] in product.method.references


def test_classes_can_be_set_in_the_module(evidence: PopulationEvidence, tmp_path: Path) -> None:
    classes = [{"name": "shared", "min_animals": 2}, {"name": "half-of-them", "min_share": 0.5}]
    product = _run(_narrow(evidence, 10), tmp_path, cell_m=5000, scheme="custom", classes=classes)["corridors"].product
    assert product.legend is not None
    assert [(entry.value, entry.label["en"]) for entry in product.legend.classes] == [
        ("half-of-them", "Half of them"),
        ("shared", "Shared"),
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"scheme": "custom"},
        {"classes": [{"name": "a"}]},
        {"scheme": "custom", "classes": [{"name": "a", "min_share": 0.5}, {"name": "b", "min_share": 0.2}]},
        {"ud_method": "fixed-variance"},
        {"ud_method": "dynamic-bridge", "dynamic_window": 30},
        {"ud_method": "line-buffer", "compat": "BBMM"},
    ],
)
def test_parameters_that_contradict_each_other_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CorridorParameters.model_validate(parameters)


def test_places_of_single_animals_can_be_left_out_of_every_map(evidence: PopulationEvidence, tmp_path: Path) -> None:
    drafts = _run(_narrow(evidence, 8), tmp_path, cell_m=5000, min_animals=2)
    assert "routes" not in drafts
    with (
        _raster(drafts["footprint"], tmp_path / "footprint") as footprint,
        _raster(drafts["use"], tmp_path / "use") as use,
    ):
        counts = footprint.read(1)
        assert 1 not in counts
        x, y = use.xy(*np.nonzero(use.read(1)))
        rows, columns = rasterio.transform.rowcol(footprint.transform, x, y)
    assert (counts[np.array(rows, dtype=int), np.array(columns, dtype=int)] >= 2).all()
    assert "fewer than 2 animals" in " ".join(caveat["en"] for caveat in drafts["use"].product.caveats)


@pytest.mark.parametrize(
    ("parameters", "roles", "said"),
    [
        ({"ud_method": "line-buffer", "buffer_m": 4000}, {"corridors", "routes", "footprint", "sequences"}, "4000 m"),
        (
            {"ud_method": "fixed-variance", "motion_variance_m2_per_s": 150},
            {"corridors", "stopovers", "routes", "footprint", "use", "sequences"},
            "150 m²/s",
        ),
        (
            {"ud_method": "dynamic-bridge"},
            {"corridors", "stopovers", "routes", "footprint", "use", "sequences"},
            "Dynamic Brownian bridge",
        ),
    ],
)
def test_the_method_can_be_chosen_and_is_said(
    evidence: PopulationEvidence, tmp_path: Path, parameters: dict[str, object], roles: set[str], said: str
) -> None:
    drafts = _run(_narrow(evidence, 3), tmp_path, cell_m=5000, **parameters)
    assert set(drafts) == roles
    assert said in drafts["corridors"].product.method.statement["en"]


def test_every_field_of_a_distribution_comes_back_from_its_file(tmp_path: Path) -> None:
    grid = Grid(CRS.from_epsg(32612), 100.0, 500_000.0, 4_704_000.0, 40, 40)
    along = np.array([500.0, 900.0, 1500.0, 1700.0, 2500.0, 2600.0, 3100.0, 3300.0])
    places, time_s = unproject(500_000.0 + along, 4_700_000.0 + along, grid.crs), np.arange(8) * 3600.0
    settings = {"method": "bridge", "motion_variance_m2_per_s": 2.0, "max_lag_h": 8.0, "time_step_min": 5.0}
    settings = {**settings, "trim_level": 0.99, "compat": None}
    write_use(*places, time_s, np.array([20.0]), grid, settings, tmp_path / "use.npz")
    expected = trim_to_volume(
        brownian_bridge(
            *project(*places, grid.crs),
            time_s,
            grid=grid,
            location_error_m=20.0,
            motion_variance_m2_per_s=2.0,
            time_step_s=300.0,
        ),
        0.99,
    )
    found = read_use(tmp_path / "use.npz", grid)
    np.testing.assert_array_equal(found.mass, expected.mass)
    for field in fields(UtilisationDistribution):
        if field.name != "mass":
            assert getattr(found, field.name) == getattr(expected, field.name), field.name


def test_a_track_too_short_is_refused_only_where_no_other_variance_is_known() -> None:
    def track(name: str, n: int) -> Sequence:
        rng = np.random.default_rng(n)
        place = np.cumsum(rng.normal(0, 1e-3, n))
        return Sequence(name, name, 2020, "spring", np.arange(n) * 3600.0, -110 + place, 43 + place[::-1])

    parameters = CorridorParameters(max_lag_h=8)
    short, long = track("short", 4), [track(f"long-{n}", 40 + n) for n in range(3)]
    crs = CRS.from_epsg(32612)
    (refused,), _ = settle_bridging([short], lambda: crs, parameters)
    assert "3 are needed" in refused.refusal
    (*_, stood_in), pooled = settle_bridging([*long, short], lambda: crs, parameters)
    assert (stood_in.variance_from, pooled.n_others) == ("population", 3)
    assert stood_in.motion_variance_m2_per_s == pooled.motion_variance_m2_per_s
    (given,), _ = settle_bridging([short], lambda: crs, parameters.model_copy(update={"motion_variance_m2_per_s": 5.0}))
    assert (given.variance_from, given.motion_variance_m2_per_s) == ("given", 5.0)
    dynamic = parameters.model_copy(update={"ud_method": "dynamic-bridge"})
    assert [how.method for how in settle_bridging([*long, short], lambda: crs, dynamic)[0]] == [
        "dynamic-bridge"
    ] * 3 + ["bridge"]


def test_the_dynamic_bridge_shows_a_migration_from_its_first_to_its_last_fix(
    evidence: PopulationEvidence, tmp_path: Path
) -> None:
    analysis = Corridors()
    plan = analysis.plan(_narrow(evidence, 3), CorridorParameters(cell_m=5000, ud_method="dynamic-bridge"))
    unit = plan.units[0]
    run_unit(unit, str(tmp_path))
    grid, settings = unit.arguments[4:6]
    shown = read_use(tmp_path / unit.file_name, grid)
    first_s, last_s = settings["between_s"]
    assert shown.method == "dynamic-brownian-bridge"
    assert shown.represented_s > 0.9 * (last_s - first_s)
