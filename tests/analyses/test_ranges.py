"""The ranges analysis: seasons without migration, cores inside ranges, every animal counting equally."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from wildways.analyses import Draft, PopulationEvidence, UnitComputer, open_executor
from wildways.analyses.ranges import RangeParameters, Ranges
from wildways.analyses.ranges.stays import NORTHERN, season_dates, stays
from wildways.analyses.windows_file import read_windows
from wildways.model import Inputs, ModuleDefinition, Population
from wildways.movement import geodesic_distances
from wildways.simulate import SimulatedHerd, demo_herds, simulate_herd


@pytest.fixture(scope="module")
def herd() -> SimulatedHerd:
    spec = replace(demo_herds()[2], n_animals=6, tracking_days=(420, 430), death_share=0.0, resident_share=0.0)
    return simulate_herd(spec, rng=np.random.default_rng(5))


@pytest.fixture(scope="module")
def evidence(herd: SimulatedHerd) -> PopulationEvidence:
    return PopulationEvidence(
        module=ModuleDefinition(id="ungulates", title="Ungulates"),
        population=Population(id="deer", title="Deer", taxon=herd.spec.taxon),
        fixes=herd.fixes,
        decided_windows=read_windows(None),
        inputs=Inputs(snapshot=1, sources=("herd",), source_files=("00",)),
        simulated=True,
    )


def _run(evidence: PopulationEvidence, cache: Path, **parameters: object) -> dict[str, Draft]:
    with open_executor(workers=1) as executor:
        computer = UnitComputer(cache, executor)
        evidence = replace(evidence, compute=computer)
        plan = Ranges().plan(evidence, RangeParameters.model_validate({"cell_m": 1000, **parameters}))
        return {draft.product.role: draft for draft in plan.merge(computer(plan.units))}


@pytest.fixture(scope="module")
def drafts(evidence: PopulationEvidence, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft]:
    return _run(evidence, tmp_path_factory.mktemp("ranges"))


def _features(draft: Draft, folder: Path) -> gpd.GeoDataFrame:
    draft.write(folder)
    return gpd.read_parquet(folder / "features.parquet").set_index("class")


def test_every_season_has_its_range_and_its_raster(drafts: dict[str, Draft]) -> None:
    assert list(drafts) == [
        "winter-range",
        "winter-use",
        "summer-range",
        "summer-use",
        "annual-range",
        "annual-use",
        "stays",
    ]
    product = drafts["winter-range"].product
    assert product.legend is not None
    assert [entry.value for entry in product.legend.classes] == ["core", "range"]
    assert {"en", "fr", "es"} <= set(product.method.statement)
    assert "representativeness" in product.method.parameters


def test_winter_is_where_homes_in_the_origin_are_and_summer_where_the_goal_is(
    herd: SimulatedHerd, drafts: dict[str, Draft], tmp_path: Path
) -> None:
    for role, homes in (("winter-range", herd.spec.origins), ("summer-range", herd.spec.goals)):
        folder = tmp_path / role
        folder.mkdir()
        core = _features(drafts[role], folder).geometry["core"].centroid
        nearest = min(float(geodesic_distances(*home.centre, core.x, core.y)) for home in homes)
        assert nearest < 40_000


def test_the_core_lies_in_the_range(drafts: dict[str, Draft], tmp_path: Path) -> None:
    frame = _features(drafts["annual-range"], tmp_path)
    core, whole = frame.geometry["core"], frame.geometry["range"]
    assert core.difference(whole).area < 0.01 * core.area
    assert frame["area_km2"]["core"] < frame["area_km2"]["range"]


def test_a_season_with_few_days_is_left_out_with_its_reason(evidence: PopulationEvidence, tmp_path: Path) -> None:
    drafts = _run(evidence, tmp_path / "cache", ranges=["summer"], min_days=80, summer=["06-01", "08-31"])
    drafts["stays"].write(tmp_path)
    table = pd.read_parquet(tmp_path / "table.parquet")
    reasons = table["left_out_because"]
    assert (reasons == "").any()
    assert set(reasons[reasons != ""]) <= {"It has fixes on fewer than 80 days."} | {
        reason for reason in reasons if "usable fixes" in reason
    }
    assert set(table["season"]) == {"summer"}


def test_sparse_fixes_can_be_ranged_by_kernels(evidence: PopulationEvidence, tmp_path: Path) -> None:
    drafts = _run(evidence, tmp_path, ranges=["winter"], range_method="kernel")
    product = drafts["winter-range"].product
    assert "kernel" in product.method.statement["en"]
    assert product.method.parameters["sequences_by_method"] == {"kernel": product.sample.n_sequences}


def test_seasons_are_exchanged_in_the_south_and_pass_new_year() -> None:
    parameters = RangeParameters()
    assert season_dates(parameters, is_north=True) == NORTHERN
    assert season_dates(parameters, is_north=False)["winter"] == NORTHERN["summer"]
    times = pd.to_datetime(["2020-12-20", "2021-01-20"], utc=True)
    fixes = pd.DataFrame({"animal_id": "a", "time_utc": times, "longitude": 0.0, "latitude": 50.0})
    found = stays(fixes, NORTHERN, parameters)
    winter = found[found["season"] == "winter"].iloc[0]
    assert (winter["bio_year"], winter["start_utc"].date().isoformat()) == (2020, "2020-12-01")
    assert winter["end_utc"].isoformat() == "2021-03-31T23:59:59+00:00"


@pytest.mark.parametrize(
    "parameters", [{"core_level": 0.95}, {"winter": ("02-30", "03-01")}, {"ud_method": "line-buffer"}]
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RangeParameters.model_validate(parameters)


def test_a_population_without_fixes_yields_nothing(evidence: PopulationEvidence) -> None:
    plan = Ranges().plan(replace(evidence, fixes=evidence.fixes.iloc[:0]), RangeParameters())
    assert [remark.code for remark in plan.remarks] == ["population-empty"]
    assert list(plan.merge([])) == []
