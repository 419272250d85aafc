"""What is said of a file: true for small files, bounded for large ones, and a module to start from that is valid."""

import gzip
import string
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.readers.files import COLUMNS, row, write
from tests.readers.tables.files import template, write_table
from wildways.model import BadInput, ModuleDefinition, open_atlas
from wildways.readers import FIX_SCHEMA
from wildways.readers.drawn import Drawn
from wildways.readers.inspection import FileDescription, describe_file, name_module, starting_module
from wildways.readers.inspection import file as inspection
from wildways.readers.inspection.summary import Summary
from wildways.readers.movebank import MovebankCsv
from wildways.readers.tables import FlipperTags, Network


def module_of(text: str) -> ModuleDefinition:
    """The module, checked as the atlas checks it."""
    return ModuleDefinition.model_validate(tomllib.loads(text))


def test_a_small_file_is_described_exactly(tmp_path: Path) -> None:
    rows = [row(), row(timestamp="2020-05-02 10:00:00.000", location_long="-109.6"), row(location_lat="95")]
    description = describe_file(write(tmp_path, rows))
    assert (description.reader, description.columns) == ("movebank-csv", COLUMNS)
    assert (description.n_rows, description.n_read, description.n_kept, description.is_sample) == (3, 3, 2, False)
    assert dict(description.records) == {"fix": 2}
    assert (description.taxa, description.n_animals, description.studies) == (("Odocoileus hemionus",), 1, ("Deer",))
    assert description.start_utc == datetime(2020, 5, 1, 10, tzinfo=UTC)
    assert description.end_utc == datetime(2020, 5, 2, 10, tzinfo=UTC)
    assert description.bbox == (-109.6, 42.5, -109.5, 42.5)
    assert [finding.code for finding in description.findings] == ["latitude-range"]
    assert description.report.n_refused == 1


@pytest.mark.parametrize("is_zipped", [False, True])
def test_of_a_large_table_only_the_beginning_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_zipped: bool
) -> None:
    monkeypatch.setattr(inspection, "SAMPLE_BYTES", 20_000)
    file = write(tmp_path, [row(location_long=f"-10{number % 10}.{number}") for number in range(3_000)])
    if is_zipped:
        file.with_suffix(".csv.gz").write_bytes(gzip.compress(file.read_bytes()))
        file = file.with_suffix(".csv.gz")
    description = describe_file(file)
    assert description.is_sample
    assert 100 < description.n_read < 300
    assert description.n_rows is not None
    assert description.n_rows == pytest.approx(3_000, rel=0.3 if is_zipped else 0.05)
    assert description.columns == COLUMNS
    assert description.findings == ()


def test_a_stream_is_left_where_enough_was_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "SAMPLE_FIXES", 2)
    description = describe_file(write(tmp_path, [row()] * 5))
    assert (description.is_sample, description.n_rows) == (True, None)
    assert description.records["fix"] > 2


def test_encounters_links_and_shapes_are_described_too(tmp_path: Path) -> None:
    tags = tmp_path / "tags.csv"
    tags.write_bytes(template("flipper_tags.csv"))
    description = describe_file(tags, reader=FlipperTags())
    assert (dict(description.records), description.n_animals) == ({"encounter": 3}, 1)
    assert description.bbox == (-83.5046, 10.547, -82.75, 14.35)
    links = tmp_path / "links.csv"
    links.write_bytes(template("network_links.csv"))
    description = describe_file(links, reader=Network())
    assert (dict(description.records), description.bbox) == ({"link": 4, "site": 1}, (-87.2, 21.9, -87.2, 21.9))
    shapes = tmp_path / "shapes.gpkg"
    across = shapely.multipolygons([shapely.box(170, 0, 180, 9), shapely.box(-180, 0, -170, 10)])
    gpd.GeoDataFrame({"contour": [1]}, geometry=[across], crs="EPSG:4326").to_file(shapes, driver="GPKG")
    description = describe_file(shapes, reader=Drawn())
    assert (description.columns, description.bbox) == (("contour",), (170, 0, -170, 10))
    assert "columns that may tell more: contour → class" in starting_module(description)


def test_what_only_the_source_can_say_is_asked_for(tmp_path: Path) -> None:
    tags = write_table(tmp_path, "flipper_tag,event,date", ["A1,recovered,2019-07-15 20:00"], name="tags.csv")
    assert describe_file(tags, reader=FlipperTags()).needs == {}
    shapes = tmp_path / "shapes.shp"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326").to_file(shapes)
    shapes.with_suffix(".prj").unlink()
    description = describe_file(shapes, reader=Drawn())
    assert (set(description.needs), description.n_rows, description.n_read) == ({"crs"}, None, 0)
    text = starting_module(description)
    assert "# crs = " in text
    assert module_of(text).sources[0].crs is None
    unmapped = write_table(tmp_path, "when,lon,lat,deer", ["2020-01-01 10:00,1,2,a"], name="deer.csv")
    description = describe_file(unmapped, reader=MovebankCsv())
    assert "timestamp" in description.needs["columns"]
    assert "# columns = " in starting_module(description)


def test_projected_columns_and_clocks_without_zone_are_asked_for(tmp_path: Path) -> None:
    class Mapped(MovebankCsv):
        """Movebank's reader for a file that is not its own."""

        def read(self, file, source, options=None):  # type: ignore[no-untyped-def]
            mapped = {"timestamp": "when", "location-long": "x", "location-lat": "y", "animal-id": "deer"}
            return super().read(file, source.model_copy(update={"columns": mapped}), options)

    local = write_table(tmp_path, "when,x,y,deer", ["2020-01-01 10:00,1,2,a"], name="local.csv")
    description = describe_file(local, reader=Mapped())
    assert (set(description.needs), description.n_kept) == ({"time_zone"}, 1)
    projected = write_table(tmp_path, "when,x,y,deer", ["2020-01-01 10:00,500000,4500000,a"], name="utm.csv")
    description = describe_file(projected, reader=Mapped())
    assert (set(description.needs), description.n_read) == ({"crs"}, 0)


def test_a_file_that_no_reader_knows_is_answered_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        describe_file(write(tmp_path, ["1,2"], columns=["first", "second"]))
    assert caught.value.code == "format-unknown"
    assert "first, second" in caught.value.message
    (tmp_path / "noise").write_bytes(b"\0\1\2")
    with pytest.raises(BadInput) as caught:
        describe_file(tmp_path / "noise")
    assert caught.value.code == "format-unknown"


def test_a_damaged_file_is_an_error_and_no_description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "deer.csv.gz"
    file.write_bytes(gzip.compress("\n".join([",".join(COLUMNS), *[row()] * 5_000]).encode())[:-20])
    for most in (16_000_000, 100):
        monkeypatch.setattr(inspection, "SAMPLE_BYTES", most)
        with pytest.raises(BadInput):
            describe_file(file, reader=MovebankCsv())


def test_the_module_to_start_from_is_valid_private_and_finds_the_file(tmp_path: Path) -> None:
    (tmp_path / "atlas.toml").write_text('[atlas]\nid = "a"\ntitle = "A"\n')
    for folder in ("modules", "data"):
        (tmp_path / folder).mkdir()
    file = write(tmp_path / "data", [row()], name="Deer of 2020.csv")
    text = starting_module(describe_file(file), module_id="deer", folder=tmp_path)
    (tmp_path / "modules" / "deer.toml").write_text(text, encoding="utf-8")
    module = open_atlas(tmp_path).module("deer")
    (source,) = module.sources
    assert (source.path, source.reader, source.licence) == ("data/Deer of 2020.csv", "movebank-csv", "NOASSERTION")
    assert source.access == "private"
    assert module.taxa == ("Odocoileus hemionus",)
    assert [population.taxon for population in module.populations] == ["Odocoileus hemionus"]
    assert module_of(starting_module(describe_file(file))).sources[0].path == file.as_posix()


FILE_NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=40)


@given(
    FILE_NAMES.filter(lambda name: name.strip(".")),
    st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=30), max_size=4),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=60),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_the_module_is_valid_whatever_the_file_and_its_taxa_are_called(
    described: FileDescription, name: str, taxa: list[str], why: str
) -> None:
    described = replace(described, file=Path("/data") / name, taxa=tuple(taxa), needs={"crs": why, "time_zone": why})
    module = module_of(starting_module(described))
    assert all(module.taxa)
    assert {taxon.strip() for taxon in module.taxa} <= {taxon.strip() for taxon in taxa}
    assert len(module.sources) == 1
    assert module.sources[0].crs is None


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> FileDescription:
    """A description of a file of fixes."""
    return describe_file(write(tmp_path_factory.mktemp("deer"), [row()]))


def test_a_name_that_is_no_text_is_refused(described: FileDescription) -> None:
    with pytest.raises(BadInput) as caught:
        starting_module(replace(described, file=Path("deer\udcff.csv")))
    assert caught.value.code == "file-name"


@given(st.text(max_size=80))
def test_any_name_makes_an_identifier(name: str) -> None:
    identifier = name_module(Path(name.replace("\0", "") + ".csv"))
    assert 0 < len(identifier) <= 64
    assert set(identifier) <= set(string.ascii_lowercase + string.digits + "-")
    assert "--" not in identifier.strip("-") + "x"
    assert identifier == identifier.strip("-")


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=30))
def test_the_extent_holds_every_place_the_short_way_round(longitudes: list[float]) -> None:
    summary = Summary()
    columns = {name: pa.nulls(len(longitudes), FIX_SCHEMA.field(name).type) for name in FIX_SCHEMA.names}
    columns |= {"longitude": pa.array(longitudes), "latitude": pa.array([1.0] * len(longitudes))}
    columns |= {name: pa.array(["x"] * len(longitudes)) for name in ("study_id", "organism_id")}
    summary.add("fix", pa.table(columns))
    assert summary.box is not None
    west, _, east, _ = summary.box
    inside = [
        west <= longitude <= east if west <= east else longitude >= west or longitude <= east
        for longitude in longitudes
    ]
    assert all(inside)
    width = east - west if west <= east else east - west + 360
    assert width <= max(longitudes) - min(longitudes)


def test_real_files_are_described_with_their_known_figures(shared: Path) -> None:
    data = shared / "data"
    deer = describe_file(data / "muledeer_mapp" / "muledeer_mapp.csv", reader=MovebankCsv())
    assert (deer.n_rows, deer.n_animals, deer.taxa) == (37_554, 15, ("Odocoileus hemionus",))
    storks = describe_file(data / "whitestork_lifetrack" / "whitestork_lifetrack.csv", reader=MovebankCsv())
    assert storks.is_sample
    assert storks.n_rows == pytest.approx(155_173, rel=0.01)
    contours = describe_file(shared / "reference" / "mapp" / "PopFoot" / "Footprint_contours.shp", reader=Drawn())
    assert (contours.n_rows, contours.columns) == (278, ("contour",))
