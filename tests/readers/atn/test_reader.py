"""ATN trajectory netCDF: fixes with classes and ellipses, the animal, its deployment, and nothing of other files."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.readers.files import NOW, by_code, source
from wildways.model import TABLES, BadInput, LimitReached
from wildways.readers import FIX_SCHEMA, Account, Reader, ReadingOptions, reader_schema
from wildways.readers.atn import AtnTrajectory

TEXT = h5py.string_dtype()
N_ROWS = 6


def write(file: Path, change: Callable[[h5py.File], None] | None = None) -> Path:
    """A trajectory as ATN 1.0 has it, changed by `change`."""
    with h5py.File(file, "w") as root:
        root.attrs["featureType"] = "trajectory"
        root.attrs["animal_id"] = "BP6772"
        root.attrs["ptt_id"] = "22275"
        root.attrs["deployment_id"] = "5f08ee316321be13bc7fbc37"
        root.attrs["deployment_end_datetime"] = "1999-08-20T00:00:00Z"
        time = root.create_dataset("time", data=np.array([0.0, 3600, 3600, 7200.5, 9000, -9999.9]))
        time.attrs["units"] = "seconds since 1990-01-01 00:00:00Z"
        time.attrs["_FillValue"] = -9999.9
        for name, values in {
            "lat": [33.282, 33.5, 33.5, -9999.9, 34.0, 34.5],
            "lon": [-118.5, 181.5, -178.5, -9999.9, -119.0, -120.0],
            "error_radius": [-9999.9, 500, -9999.9, -9999.9, -5, -9999.9],
            "semi_major_axis": [-9999.9, 800, 800, -9999.9, -9999.9, -9999.9],
            "semi_minor_axis": [-9999.9, 312.5, 200, -9999.9, -9999.9, -9999.9],
            "ellipse_orientation": [-9999.9, 90, -9999.9, -9999.9, -9999.9, -9999.9],
            "offset": [-9999.9, 12, 0, -9999.9, -9999.9, -9999.9],
        }.items():
            root.create_dataset(name, data=np.array(values)).attrs["_FillValue"] = -9999.9
        root.create_dataset("location_class", data=["", "2", "B", "1", "Z", "3"], dtype=TEXT)
        root.create_dataset("type", data=["User", "Argos", "Argos", "Argos", "Argos", "Argos"], dtype=TEXT)
        animal = root.create_dataset("animal", data="", dtype=TEXT)
        animal.attrs["scientificname"] = "Caretta caretta"
        sex = root.create_dataset("animal_sex", data="", dtype=TEXT)
        sex.attrs["animal_sex"] = "female"
        if change is not None:
            change(root)
    return file


def read(file: Path, **changes: object) -> tuple[pa.Table, Account, Mapping[str, pa.Table]]:
    """Fixes, account and small tables of a trajectory."""
    with AtnTrajectory().read(file, source(**changes), ReadingOptions(name=file.name, now=NOW)) as reading:
        fixes = reading.fixes().read_all()
        assert fixes.schema == FIX_SCHEMA
        for name, table in reading.tables().items():
            assert table.schema == reader_schema(TABLES[name])
        return fixes, reading.account, reading.tables()


def refusal(file: Path) -> BadInput:
    """The error that reading a file raises."""
    with pytest.raises(BadInput) as caught:
        read(file)
    assert caught.value.place.file == file.name
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def replaced(name: str, values: object, units: str = "") -> Callable[[h5py.File], None]:
    """A change that gives a variable other values."""

    def change(root: h5py.File) -> None:
        del root[name]
        root.create_dataset(name, data=values)
        if units:
            root[name].attrs["units"] = units

    return change


def at(stamp: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


def test_the_reader_says_what_it_is() -> None:
    assert isinstance(AtnTrajectory(), Reader)


def test_a_trajectory_is_claimed_and_other_files_are_not(tmp_path: Path) -> None:
    assert AtnTrajectory().claims(write(tmp_path / "turtle.nc"))
    (tmp_path / "other").write_bytes(b"\0\1\2")
    (tmp_path / "classic.nc").write_bytes(b"CDF\1" + b"\0" * 100)
    with h5py.File(tmp_path / "grid.nc", "w") as root:
        root.create_dataset("lat", data=np.arange(3.0))
        root.create_dataset("lon", data=np.arange(5.0))
        root.create_dataset("time", data=np.arange(2.0))
    for name in ("other", "classic.nc", "grid.nc", "missing"):
        assert not AtnTrajectory().claims(tmp_path / name)


def test_observations_become_fixes_with_class_radius_and_ellipse(tmp_path: Path) -> None:
    fixes, account, _ = read(write(tmp_path / "turtle.nc"))
    assert (account.n_rows, account.n_kept) == (N_ROWS, 3)
    assert {found.code: found.n_rows for found in account.findings if found.refused} == {
        "deployment-point": 1,
        "no-position": 1,
        "time-missing": 1,
    }
    assert fixes["source_row"].to_pylist() == [2, 3, 5]
    assert fixes["longitude"].to_pylist() == [-178.5, -178.5, -119]
    assert fixes["location_class"].to_pylist() == ["2", "B", "Z"]
    assert fixes["uncertainty_m"].to_pylist() == [500, 400, None]
    assert fixes["semi_major_m"].to_pylist() == [800, 800, None]
    assert fixes["ellipse_orientation_deg"].to_pylist() == [90, 0, None]
    assert fixes["time_utc"][0].as_py() == at("1990-01-01 01:00:00")
    assert set(fixes["organism_id"].to_pylist()) == {"BP6772"}
    assert set(fixes["tag_id"].to_pylist()) == {"22275"}
    assert set(fixes["taxon"].to_pylist()) == {"Caretta caretta"}
    found = by_code(account)
    assert (found["uncertainty-unusable"].example, found["uncertainty-unusable"].place.line) == ("-5.0", 5)
    assert (found["ellipse-offset"].n_rows, found["ellipse-offset"].place.field) == (1, "offset")
    assert found["longitude-wrapped"].example == "181.5"


def test_the_animal_and_its_deployment_are_told(tmp_path: Path) -> None:
    _, _, tables = read(write(tmp_path / "turtle.nc"), study="Turtles")
    (organism,) = tables["organism"].to_pylist()
    assert (organism["study_id"], organism["organism_id"], organism["sex"]) == ("Turtles", "BP6772", "f")
    (deployment,) = tables["deployment"].to_pylist()
    assert deployment["deployment_id"] == "5f08ee316321be13bc7fbc37"
    assert deployment["deploy_on_utc"] == at("1990-01-01 00:00:00")
    assert deployment["deploy_off_utc"] == at("1999-08-20 00:00:00")


@pytest.mark.parametrize(
    ("units", "values", "expected"),
    [
        ("days since 2000-01-01", [0.5] * N_ROWS, "2000-01-01 12:00:00"),
        ("hours since 2000-1-1 6:00", [1.0] * N_ROWS, "2000-01-01 07:00:00"),
        ("milliseconds since 1970-01-01T00:00:00.000Z", [1500.0] * N_ROWS, "1970-01-01 00:00:01.500"),
        ("minutes since 1970-01-01 00:00:00 UTC", [1] * N_ROWS, "1970-01-01 00:01:00"),
    ],
)
def test_times_count_from_any_epoch(tmp_path: Path, units: str, values: list[float], expected: str) -> None:
    fixes, _, _ = read(write(tmp_path / "turtle.nc", replaced("time", values, units)))
    assert fixes["time_utc"][0].as_py() == at(expected)


@pytest.mark.parametrize("units", ["", "fortnights since 1990-01-01", "seconds since 1990-13-01", "seconds"])
def test_times_without_known_units_are_refused(tmp_path: Path, units: str) -> None:
    error = refusal(write(tmp_path / "turtle.nc", replaced("time", [0.0] * N_ROWS, units)))
    assert (error.code, error.place.field) == ("atn-time", "time")


def test_times_beyond_all_calendars_are_refused_row_by_row(tmp_path: Path) -> None:
    times = [0, 1e300, np.inf, -1e13, 1e13, 0]
    fixes, account, _ = read(write(tmp_path / "turtle.nc", replaced("time", times, "seconds since 1990-01-01")))
    refused = {found.code: found.n_rows for found in account.findings if found.refused}
    assert refused["time-missing"] == 2
    assert account.n_rows == account.n_kept + sum(refused.values())
    assert len(fixes) == account.n_kept


def test_packed_numbers_are_unpacked(tmp_path: Path) -> None:
    def pack(root: h5py.File) -> None:
        replaced("lat", np.array([3300] * N_ROWS, dtype=np.int16))(root)
        root["lat"].attrs["scale_factor"] = 0.01
        root["lat"].attrs["add_offset"] = 1.0

    assert read(write(tmp_path / "turtle.nc", pack))[0]["latitude"][0].as_py() == pytest.approx(34)


def test_classes_may_be_characters_in_rows(tmp_path: Path) -> None:
    letters = np.array([[b"", b""], [b"3", b""], [b"A", b""], [b"1", b""], [b"Q", b""], [b"0", b""]], dtype="S1")
    fixes, account, _ = read(write(tmp_path / "turtle.nc", replaced("location_class", letters)))
    assert fixes["location_class"].to_pylist() == ["3", "A", None]
    assert by_code(account)["class-unknown"].example == "Q"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda root: root.pop("lat"), "atn-variables"),
        (replaced("lat", [1.0, 2.0]), "atn-shape"),
        (replaced("lat", np.zeros((N_ROWS, 2))), "atn-shape"),
        (replaced("lat", 1.0), "atn-shape"),
        (replaced("time", np.zeros((2, 3)), "seconds since 1990-01-01"), "atn-shape"),
        (replaced("lat", np.array([b"x" * 4] * N_ROWS)), "netcdf-type"),
        (replaced("location_class", np.array([b"x" * 400] * N_ROWS)), "netcdf-type"),
        (replaced("lat", np.zeros((1, 2, 3))), "netcdf-shape"),
    ],
)
def test_variables_that_do_not_make_one_trajectory_are_refused(
    tmp_path: Path, change: Callable[[h5py.File], None], code: str
) -> None:
    assert refusal(write(tmp_path / "turtle.nc", change)).code == code


def test_a_trajectory_without_observations_is_refused(tmp_path: Path) -> None:
    def empty(root: h5py.File) -> None:
        for name in [name for name in root if root[name].shape == (N_ROWS,)]:
            replaced(name, np.zeros(0), "seconds since 1990-01-01")(root)

    assert refusal(write(tmp_path / "turtle.nc", empty)).code == "no-rows"


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.nc", replaced("lat", [77.0] * N_ROWS))
    (tmp_path / "raw").write_bytes(b"\0" * 8 * N_ROWS)

    def link(root: h5py.File) -> None:
        del root["lat"]
        root["lat"] = h5py.ExternalLink(secret, "/lat")

    def store_outside(root: h5py.File) -> None:
        del root["lat"]
        root.create_dataset("lat", (N_ROWS,), "f8", external=[(str(tmp_path / "raw"), 0, 8 * N_ROWS)])

    def map_outside(root: h5py.File) -> None:
        layout = h5py.VirtualLayout((N_ROWS,), "f8")
        layout[:] = h5py.VirtualSource(secret, "lat", shape=(N_ROWS,))
        del root["lat"]
        root.create_virtual_dataset("lat", layout)

    assert refusal(write(tmp_path / "linked.nc", link)).code == "atn-variables"
    assert refusal(write(tmp_path / "stored.nc", store_outside)).code == "netcdf-external"
    assert refusal(write(tmp_path / "mapped.nc", map_outside)).code == "netcdf-external"


def test_a_variable_that_claims_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    def claim(root: h5py.File) -> None:
        del root["lat"]
        root.create_dataset("lat", (10**12,), "f8", chunks=(1000,))

    assert refusal(write(tmp_path / "huge.nc", claim)).code == "atn-shape"


def test_too_many_observations_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wildways.readers.atn.netcdf.MAX_OBSERVATIONS", N_ROWS - 1)
    with pytest.raises(LimitReached) as caught:
        read(write(tmp_path / "turtle.nc"))
    assert caught.value.code == "rows"


def test_files_that_are_no_netcdf_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "classic.nc").write_bytes(b"CDF\1" + b"\0" * 100)
    (tmp_path / "other.nc").write_bytes(b"timestamp,location-long\n")
    (tmp_path / "cut.nc").write_bytes(write(tmp_path / "turtle.nc").read_bytes()[:3000])
    assert refusal(tmp_path / "classic.nc").code == "netcdf-classic"
    assert "nccopy" in refusal(tmp_path / "classic.nc").hint
    assert refusal(tmp_path / "other.nc").code == "not-netcdf"
    assert refusal(tmp_path / "cut.nc").code == "netcdf-damaged"
    assert refusal(tmp_path / "missing.nc").code == "file-unreadable"


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 11)", "sys.exit(1)"])
def test_a_file_that_kills_the_library_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"import os, sys\nsys.stdin.read()\n{end}\n")
    monkeypatch.setattr("wildways.readers.atn.netcdf._CHILD", child)
    assert refusal(write(tmp_path / "turtle.nc")).code == "netcdf-damaged"


def test_a_file_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr("wildways.readers.atn.netcdf._CHILD", child)
    monkeypatch.setattr("wildways.readers.atn.netcdf._PATIENCE", 0.02)
    with pytest.raises(LimitReached) as caught:
        read(write(tmp_path / "turtle.nc"))
    assert caught.value.code == "time"


def test_an_animal_without_a_name_goes_by_its_tag(tmp_path: Path) -> None:
    def forget(root: h5py.File) -> None:
        del root.attrs["animal_id"]

    fixes, account, _ = read(write(tmp_path / "turtle.nc", forget))
    assert set(fixes["organism_id"].to_pylist()) == {"22275"}
    assert by_code(account)["organism-assumed"].n_rows == 3


def test_the_blue_shark_of_the_standardisation_framework_is_read(shared: Path) -> None:
    file = shared / "data" / "blueshark_braun" / "NetCDF_Example_blue sharks_Level1.nc"
    assert AtnTrajectory().claims(file)
    fixes, account, tables = read(file)
    assert (account.n_rows, account.n_kept) == (530, 530)
    assert {row["values"]: row["counts"] for row in fixes["location_class"].value_counts().to_pylist()} == {
        "0": 183,
        "B": 139,
        "A": 87,
        "1": 86,
        "2": 20,
        "3": 9,
        "Z": 6,
    }
    assert len(fixes) - fixes["semi_major_m"].null_count == 35
    assert pc.min_max(fixes["time_utc"]).as_py() == {
        "min": at("2016-08-27 23:29:04"),
        "max": at("2017-02-13 22:40:41"),
    }
    assert fixes.slice(1, 1).select(["uncertainty_m", "semi_minor_m"]).to_pylist() == [
        {"uncertainty_m": 2823, "semi_minor_m": 1831}
    ]
    (organism,) = tables["organism"].to_pylist()
    assert (organism["organism_id"], organism["taxon"], organism["sex"]) == ("eddies:Don", "Prionace glauca", "m")
    (deployment,) = tables["deployment"].to_pylist()
    assert (deployment["deployment_id"], deployment["tag_id"]) == ("15U2175_2016-08-27", "106744")


def test_a_grid_of_the_same_study_is_refused_with_the_reason(shared: Path) -> None:
    assert refusal(shared / "data" / "blueshark_braun" / "blue_shark_month_grids.nc").code == "netcdf-classic"
