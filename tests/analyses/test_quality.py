"""The quality analysis, Argos through the corridors, and how evidence of every tag reaches them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.movement.frames import fix_frame, no_fixes
from tests.movement.test_smoothed_tracks import argos_frame
from wildways.analyses import Draft, PopulationEvidence
from wildways.analyses.computing import run_unit
from wildways.analyses.contract import Analysis
from wildways.analyses.corridors import CorridorParameters, Corridors
from wildways.analyses.evidence import EvidenceSelection
from wildways.analyses.population import location_errors
from wildways.analyses.quality import LISTING_COLUMNS, Quality, QualityParameters, cleaning_rules, list_flagged
from wildways.analyses.quality import account as accounting
from wildways.analyses.windows_file import read_windows
from wildways.cli.main import run
from wildways.model import Inputs, ModuleDefinition, Population, open_atlas
from wildways.movement import Sequence
from wildways.store import Workspace

N_SEALS = 3


def _seal(number: int) -> pd.DataFrame:
    """An Argos track that stays, migrates 600 km north within a month, and stays."""
    stay = argos_frame(number, n=360, latitude=55.0)
    days = (stay["time_utc"] - stay["time_utc"].iloc[0]) / pd.Timedelta(days=1)
    fixes = stay.assign(animal_id=f"seal {number}", time_utc=stay["time_utc"].iloc[0] + pd.to_timedelta(days * 5, "D"))
    fixes["time_utc"] = fixes["time_utc"].dt.as_unit("us")
    fixes["latitude"] = fixes["latitude"] + 5.4 * np.clip((days * 5 - 60) / 30, 0, 1)
    return fixes


@pytest.fixture(scope="module")
def seals() -> PopulationEvidence:
    return PopulationEvidence(
        module=ModuleDefinition(id="seals", title="Seals"),
        population=Population(id="bay", title="Bay", taxon="Erignathus barbatus"),
        fixes=pd.concat([_seal(number) for number in range(N_SEALS)], ignore_index=True),
        decided_windows=read_windows(None),
        inputs=Inputs(snapshot=1, sources=("tags",), source_files=("00",)),
    )


def _run(analysis: Analysis, evidence: PopulationEvidence, cache: Path, parameters: object) -> dict[str, Draft]:
    plan = analysis.plan(evidence, parameters)
    for unit in plan.units:
        run_unit(unit, str(cache))
    return {draft.product.role: draft for draft in plan.merge([cache / unit.file_name for unit in plan.units])}


def _table(draft: Draft, folder: Path) -> pd.DataFrame:
    draft.write(folder)
    return pd.read_parquet(folder / "table.parquet")


def test_a_table_counts_fixes_by_rule(seals: PopulationEvidence, tmp_path: Path) -> None:
    draft = _run(Quality(), seals, tmp_path, QualityParameters())["quality"]
    table = _table(draft, tmp_path)
    assert table["animal"].tolist() == [1, 2, 3]
    assert set(table["sensor"]) == {"argos"}
    assert table["n_fixes"].tolist() == [360] * N_SEALS
    assert (table["n_usable"] + table["n_speed"] + table["n_angle"] == table["n_fixes"]).all()
    assert [entry.name for entry in draft.product.properties] == table.columns.tolist()
    assert all({"en", "fr", "es"} <= set(entry.label) for entry in draft.product.properties)
    assert not set(seals.fixes["animal_id"]) & set(table.astype(str).to_numpy().ravel())


def test_the_record_has_every_rule_with_value_source_and_status(seals: PopulationEvidence, tmp_path: Path) -> None:
    product = _run(Quality(), seals, tmp_path, QualityParameters(speed_limit_mps=4.0))["quality"].product
    cleaning = product.method.parameters["cleaning"]
    assert cleaning["group"] == "pinnipeds"
    assert cleaning["rules"]["vmax_mps"] == {"value": 4.0, "source": "Set in the module", "status": "set in the module"}
    assert cleaning["rules"]["sda_angles_deg"]["status"] == "from a source"
    caveats = " ".join(caveat["en"] for caveat in product.caveats)
    assert "vmax_mps 4 m/s" in caveats
    assert "immobile_h 48 h" in caveats
    assert "should confirm" in caveats


def test_pieces_make_the_same_account(
    seals: PopulationEvidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _run(Quality(), seals, tmp_path, QualityParameters())["quality"]
    monkeypatch.setattr(accounting, "PIECE", 400)
    plan = Quality().plan(seals, QualityParameters())
    assert len(plan.units) == N_SEALS
    parts = _run(Quality(), seals, tmp_path, QualityParameters())["quality"]
    pd.testing.assert_frame_equal(_table(whole, tmp_path), _table(parts, tmp_path))


def test_a_population_without_fixes_is_remarked_on(seals: PopulationEvidence) -> None:
    plan = Quality().plan(replace(seals, fixes=no_fixes()), QualityParameters())
    assert [remark.code for remark in plan.remarks] == ["population-empty"]
    assert plan.merge([]) == ()


def test_a_taxon_of_no_group_is_remarked_on(seals: PopulationEvidence) -> None:
    population = seals.population.model_copy(update={"taxon": "Draco volans"})
    plan = Quality().plan(replace(seals, population=population), QualityParameters())
    assert [remark.code for remark in plan.remarks] == ["rules-unknown"]


@pytest.mark.parametrize(
    ("taxon", "group"),
    [
        ("Upupa epops", "other-birds"),
        ("Nasua nasua", "unknown"),
        ("Vulpes lagopus", "carnivores"),
        ("Aves", "other-birds"),
    ],
)
def test_the_table_of_taxa_helps_to_find_the_group(taxon: str, group: str) -> None:
    assert cleaning_rules(taxon).id == group


def test_the_list_says_why_each_fix_is_flagged(seals: PopulationEvidence) -> None:
    listed = list_flagged(seals)
    assert listed.columns.tolist() == list(LISTING_COLUMNS)
    fast = listed[listed["rule"] == "speed"]
    assert (fast["value"] > fast["limit"]).all()
    assert fast["is_left_out"].all()
    assert len(list_flagged(seals, speed_limit_mps=1.0)) > len(listed)


def test_argos_makes_a_corridor_of_smoothed_positions_with_their_error(
    seals: PopulationEvidence, tmp_path: Path
) -> None:
    plan = Corridors().plan(seals, CorridorParameters())
    assert "tracks-smoothed" in [remark.code for remark in plan.remarks]
    errors = [unit.arguments[3] for unit in plan.units]
    assert errors
    assert all(error.size == unit.arguments[2].size for error, unit in zip(errors, plan.units, strict=True))
    assert all((error > 200).all() for error in errors)
    product = _run(Corridors(), seals, tmp_path, CorridorParameters())["corridors"].product
    assert product.method.parameters["smoothed_animals"] == N_SEALS
    assert product.method.parameters["cleaning"]["group"] == "pinnipeds"
    assert "Ecology 89:1208" in " ".join(product.method.references)
    assert f"Positions of {N_SEALS} animals come from Argos" in " ".join(caveat["en"] for caveat in product.caveats)
    assert "position error 20 m" not in product.method.statement["en"]


def test_a_position_without_its_own_error_has_that_of_gps() -> None:
    track = np.arange(3.0)
    plain = Sequence("a_2020_spring", "a", 2020, "spring", track, track, track)
    assert location_errors(plain, 33.0).tolist() == [33.0]
    mixed = replace(plain, location_error_m=np.array([500.0, np.nan, 900.0]))
    assert location_errors(mixed, 33.0).tolist() == [500.0, 33.0, 900.0]


HEAD = (
    "timestamp,location-long,location-lat,argos:lc,sensor-type,individual-local-identifier,"
    "individual-taxon-canonical-name"
)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An atlas of one seal with Argos and a deer with GPS, whose deployment ends before its last fix."""
    folder = tmp_path_factory.mktemp("quality") / "atlas"
    assert run(["new", str(folder)]) == 0
    for file in (folder / "modules").glob("*.toml"):
        file.unlink()
    seal, deer = _seal(0), fix_frame(np.full(40, 10.0), 50 + np.arange(40) * 0.01, animal="deer")
    rows = [
        f"{row.time_utc:%Y-%m-%d %H:%M:%S.000},{row.longitude:.6f},{row.latitude:.6f},{row.location_class},"
        f"argos-doppler-shift,seal,Erignathus barbatus"
        for row in seal.itertuples()
    ]
    rows += [
        f"{row.time_utc:%Y-%m-%d %H:%M:%S.000},{row.longitude:.6f},{row.latitude:.6f},,gps,deer,Cervus elaphus"
        for row in deer.itertuples()
    ]
    (folder / "data" / "events.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    (folder / "data" / "reference.csv").write_text(
        "tag-id,animal-id,animal-taxon,deployment-id,deploy-on-date,deploy-off-date\n"
        "t1,deer,Cervus elaphus,d1,2020-02-01 00:00:00.000,2020-02-02 06:00:00.000\n",
        encoding="utf-8",
    )
    (folder / "modules" / "both.toml").write_text(
        """id = "both"
title = { en = "Both" }
taxa = ["Erignathus barbatus", "Cervus elaphus"]
[[sources]]
id = "tags"
path = "data/*.csv"
reader = "movebank-csv"
licence = "CC0-1.0"
[[populations]]
id = "seals"
title = { en = "Seals" }
taxon = "Erignathus barbatus"
[[populations]]
id = "deer"
title = { en = "Deer" }
taxon = "Cervus elaphus"
[[analyses]]
method = "quality"
populations = ["seals"]
parameters = { speed_limit_mps = 4.0 }
""",
        encoding="utf-8",
    )
    assert run(["ingest", str(folder)]) == 0
    return folder


def _evidence(folder: Path, population: str) -> PopulationEvidence:
    from wildways.analyses.evidence import select_evidence

    atlas = open_atlas(folder)
    module = atlas.module("both")
    chosen = next(found for found in module.populations if found.id == population)
    with Workspace.open(atlas.workspace, read_only=True) as workspace:
        selection: EvidenceSelection = select_evidence(atlas, module, chosen, workspace)
        return selection.load(workspace)


def test_what_the_tag_says_of_its_errors_comes_with_the_fixes_unless_all_are_gps(atlas: Path) -> None:
    assert {"location_class", "sensor_type"} <= set(_evidence(atlas, "seals").fixes.columns)
    assert not {"location_class", "sensor_type", "semi_major_m"} & set(_evidence(atlas, "deer").fixes.columns)


def test_fixes_after_the_deployment_are_known(atlas: Path) -> None:
    fixes = _evidence(atlas, "deer").fixes
    assert fixes["undeployed"].sum() == (fixes["time_utc"] > pd.Timestamp("2020-02-02 06:00", tz="UTC")).sum() == 9


def test_the_command_lists_reasons_and_writes_them(
    atlas: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "flagged.csv"
    assert run(["quality", str(atlas), "--population", "seals", "--rule", "speed", "--out", str(out)]) == 0
    listed = pd.read_csv(out)
    assert listed.columns.tolist() == list(LISTING_COLUMNS)
    assert set(listed["limit"]) == {4.0}
    parquet = tmp_path / "flagged.parquet"
    assert run(["quality", str(atlas), "--out", str(parquet)]) == 0
    assert set(pd.read_parquet(parquet)["animal_id"]) == {"seal", "deer"}
    capsys.readouterr()
    assert run(["quality", str(atlas), "--animal", "deer"]) == 0
    assert "undeployed" in capsys.readouterr().out
    assert run(["quality", str(atlas), "--animal", "nobody"]) == 0
    assert "No fix is flagged" in capsys.readouterr().out
    assert run(["quality", str(atlas), "--rule", "speed", "--json"]) == 0
    assert '"rule": "speed"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--rule", "colour"], 5),
        (["--module", "none"], 5),
        (["--population", "none"], 5),
        (["--out", "list.xlsx"], 3),
    ],
)
def test_what_there_is_not_is_said(atlas: Path, arguments: list[str], code: int) -> None:
    assert run(["quality", str(atlas), *arguments]) == code
