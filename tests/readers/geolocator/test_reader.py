"""GeoLocator-DP: one path a bird, stationary periods as fixes, simulations as uncertainty."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.readers.files import by_code, source
from tests.readers.tracks.files import read_with
from wildways.model import BadInput
from wildways.readers.geolocator import GeoLocatorPackage

READER = GeoLocatorPackage()
TAGS = (
    "tag_id,manufacturer,model,firmware,weight,attachment_type,readout_method,scientific_name,ring_number,tag_comments\n"
    "18LX,SOI,GDL2.3,,,,,Tachymarptis melba,F58445,\n18LY,SOI,GDL2.3,,,,,Upupa epops,NA,\n"
)
STAPS = (
    "tag_id,stap_id,start,end\n18LX,1,2020-04-01T00:00:00Z,2020-04-03T00:00:00Z\n"
    "18LX,1.5,2020-04-04T00:00:00Z,2020-04-04T12:00:00Z\n18LY,1,2020-04-01T00:00:00Z,2020-04-01T02:00:00Z\n"
)
PATHS = (
    "tag_id,type,stap_id,lat,lon,j\n18LX,tag,1,40,10,\n18LX,most_likely,1,41,11,\n18LX,most_likely,1.5,42,12,\n"
    "18LX,simulation,1,41,11,1\n18LX,simulation,1,42,11,2\n18LY,tag,1,43,13,\n18LY,tag,9,43,13,\n18LY,guess,1,4,3,\n"
)


def package(folder: Path, paths: str = PATHS, staps: str = STAPS, tags: str = TAGS) -> Path:
    """The datapackage.json of a package."""
    tables = {"tags": tags, "staps": staps, "paths": paths}
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content)
    file = folder / "datapackage.json"
    resources = [{"name": name, "path": f"{name}.csv"} for name in tables]
    file.write_text(json.dumps({"title": "Swifts", "resources": resources}))
    return file


def test_each_stationary_period_of_the_best_path_is_a_fix_in_its_middle(tmp_path: Path) -> None:
    fixes, account, tables = read_with(READER, package(tmp_path))
    assert fixes.select(["source_row", "organism_id", "tag_id", "latitude", "longitude"]).to_pylist() == [
        {"source_row": 2, "organism_id": "F58445", "tag_id": "18LX", "latitude": 41, "longitude": 11},
        {"source_row": 3, "organism_id": "F58445", "tag_id": "18LX", "latitude": 42, "longitude": 12},
        {"source_row": 6, "organism_id": "18LY", "tag_id": "18LY", "latitude": 43, "longitude": 13},
    ]
    assert fixes["time_utc"][0].as_py() == datetime(2020, 4, 2, tzinfo=UTC)
    assert set(fixes["sensor_type"].to_pylist()) == {"solar-geolocator"}
    assert set(fixes["study_id"].to_pylist()) == {"Swifts"}
    assert tables["organism"]["taxon"].to_pylist() == ["Upupa epops", "Tachymarptis melba"]
    assert (account.n_rows, account.n_kept) == (8, 3)


def test_simulations_are_uncertainty_not_birds(tmp_path: Path) -> None:
    fixes, account, _ = read_with(READER, package(tmp_path))
    found = by_code(account)
    refused = {code: finding.n_rows for code, finding in found.items() if finding.refused}
    assert refused == {"simulation": 2, "path-other": 1, "path-type": 1, "stap-missing": 1}
    assert found["simulation"].place.line == 5
    one_degree_m = 111_195
    assert fixes["uncertainty_m"][0].as_py() == pytest.approx(0.95 * one_degree_m, rel=1e-4)
    assert fixes["uncertainty_m"].to_pylist()[1:] == [None, None]
    assert found["uncertainty-unknown"].n_rows == 2


def test_a_package_in_an_archive_is_read_alike(tmp_path: Path) -> None:
    file = package(tmp_path)
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for part in ("datapackage.json", "tags.csv", "staps.csv", "paths.csv"):
            archive.write(tmp_path / part, f"package/{part}")
    assert READER.claims(file)
    assert READER.claims(tmp_path / "package.zip")
    assert read_with(READER, tmp_path / "package.zip")[0].equals(read_with(READER, file)[0])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "package-malformed"),
        ("[]", "package-malformed"),
        ('{"resources": 5}', "package-malformed"),
        ('{"resources": []}', "package-tables"),
        ('{"resources": [{"name": "paths", "path": "../../etc/passwd"}]}', "package-tables"),
    ],
)
def test_a_bad_package_is_refused(tmp_path: Path, content: str, code: str) -> None:
    file = package(tmp_path)
    file.write_text(content)
    assert not READER.claims(file)
    with pytest.raises(BadInput) as caught:
        read_with(READER, file)
    assert caught.value.code == code


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_with(READER, package(tmp_path, staps="tag_id,stap_id,start\n18LX,1,2020-04-01\n"), source())
    assert (caught.value.code, caught.value.place.field) == ("columns", "end")
