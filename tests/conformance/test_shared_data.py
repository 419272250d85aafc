"""Every real data set at hand goes into one atlas, row by row as its README counts it."""

import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from wildways.model import FileReport, open_atlas
from wildways.store import Workspace, ingest_atlas

ATLAS = Path(__file__).parent / "shared_atlas"
MAX_SECONDS = 180

ROWS_KEPT = {
    "acoustic_demer_etn/datapackage.json": (235_809, 235_809),
    "ade_albatross_crozet/ade_albatross_crozet.csv": (4_400, 4_400),
    "baba_pronghorn/baba_pronghorn.csv": (8_757, 8_757),
    "beardedseal_alaska/beardedseal_alaska.csv": (27_547, 27_547),
    "blueshark_braun/NetCDF_Example_blue sharks_Level1.nc": (530, 530),
    "blueshark_braun/blue_sharks_level3.csv": (3_120, 3_120),
    "blueshark_braun/blueshark_braun.csv": (12_189, 12_189),
    "blueshark_braun/dwca/meta.xml": (3_137, 3_120),
    "booby_sthelena/booby_sthelena.csv": (178_006, 178_006),
    "buffalo_kruger_movebank/buffalo_kruger_movebank.csv": (28_410, 28_410),
    "connectivity_oven/origin_sites.geojson": (2, 2),
    "connectivity_oven/oven_deployments.csv": (39, 39),
    "connectivity_oven/target_sites.geojson": (3, 3),
    "cougar_mahoney_dwc/DwC-A/meta.xml": (36, 35),
    "cougar_mahoney_dwc/Movebank-original/gps-data.csv": (30, 30),
    "cougar_mahoney_dwc/Movebank-original/reference-data.csv": (3, 3),
    "coyote_cougar_utah/coyote_cougar_utah.csv": (5_140, 5_140),
    "cuckoo_mongolia_icarus/cuckoo_mongolia_icarus.csv": (2_334, 1_193),
    "elephant_movebank_ecoscope/elephant_movebank_ecoscope.csv": (23_494, 23_494),
    "elk_yahatinda/elk_yahatinda.csv": (6_136, 6_136),
    "euring_shrike/RBShrike2000.TXT": (2_483, 2_483),
    "euring_shrike/REEWAExport_50.psv": (35, 35),
    "fisher_leroy_movebank/fisher_leroy_movebank.csv": (1_990, 919),
    "gpx_stork/stork.gpx": (2_241, 2_241),
    "greenturtle_australia/greenturtle_australia.csv": (705, 705),
    "muledeer_mapp/muledeer_mapp.csv": (37_554, 37_554),
    "northernfurseal/northernfurseal.csv": (795, 795),
    "oystercatcher_o_assen/O_ASSEN-gps-2018.csv.gz": (14_893, 14_893),
    "oystercatcher_o_assen/O_ASSEN-gps-2019.csv.gz": (5_263, 5_263),
    "oystercatcher_o_assen/O_ASSEN-reference-data.csv": (7, 7),
    "oystercatcher_o_assen/dwca/meta.xml": (5_827, 5_827),
    "oystercatcher_o_assen/oystercatcher_o_assen.csv": (20_156, 20_156),
    "ringedseal_svalbard/ringedseal_svalbard.csv": (1_060, 1_060),
    "whitestork_lifetrack/whitestork_lifetrack.csv": (155_173, 155_173),
}
"""File → rows in it, rows kept."""

REFUSED = {
    "blueshark_braun/dwca/meta.xml": {"observed-no-animal": 17},
    "cougar_mahoney_dwc/DwC-A/meta.xml": {"tag-end-unmatched": 1},
    "cuckoo_mongolia_icarus/cuckoo_mongolia_icarus.csv": {"sensor-without-position": 1_141},
    "fisher_leroy_movebank/fisher_leroy_movebank.csv": {"no-position": 1_071},
}
"""Every row that is not kept: no bird or mammal can be followed by it."""


@pytest.fixture(scope="module")
def folder(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every-data-set") / "atlas"
    shutil.copytree(ATLAS, folder)
    (folder / "data").symlink_to(shared / "data")
    return folder


@pytest.fixture(scope="module")
def ingested(folder: Path) -> tuple[list[FileReport], float]:
    atlas = open_atlas(folder)
    start = time.perf_counter()
    with Workspace.open(atlas.workspace) as workspace:
        reports = ingest_atlas(atlas, workspace)
    return reports, time.perf_counter() - start


def test_every_file_has_the_rows_its_readme_says(ingested: tuple[list[FileReport], float]) -> None:
    counted = {report.path.removeprefix("data/"): (report.n_rows, report.n_kept) for report in ingested[0]}
    assert counted == ROWS_KEPT


def test_every_row_that_is_not_kept_has_its_reason(ingested: tuple[list[FileReport], float]) -> None:
    refused = {
        report.path.removeprefix("data/"): {found.code: found.n_rows for found in report.findings if found.refused}
        for report in ingested[0]
    }
    assert {path: reasons for path, reasons in refused.items() if reasons} == REFUSED


def test_it_takes_less_than_three_minutes(ingested: tuple[list[FileReport], float]) -> None:
    assert ingested[1] < MAX_SECONDS


def test_a_second_ingest_changes_nothing(folder: Path, ingested: tuple[list[FileReport], float]) -> None:
    atlas = open_atlas(folder)
    with Workspace.open(atlas.workspace) as workspace:
        before = workspace.snapshot()
        again = ingest_atlas(atlas, workspace)
        assert workspace.snapshot() == before
    assert Counter(report.already_stored for report in again) == {True: len(ROWS_KEPT)}
