"""Sound files of every format, each with its siblings and what its source must say, as seeds of mutations."""

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.readers.acoustic import test_reading as acoustic
from tests.readers.argos import test_reader as argos
from tests.readers.atn import test_reader as atn
from tests.readers.drawn import test_reader as drawn
from tests.readers.dwca import test_reader as dwca
from tests.readers.euring.records import decimal, fixed, piped
from tests.readers.files import COLUMNS, row
from tests.readers.geolocator import test_reader as geolocator
from tests.readers.tables.files import template
from tests.readers.tracks.files import MAPPED
from tests.readers.tracks.test_geojson import collection, feature
from tests.readers.tracks.test_gpx import gpx, track
from tests.readers.tracks.test_kml import gx_track, kml, kmz, placemark
from tests.readers.tracks.test_layers import points, write_layer

REFERENCE = ("tag-id", "animal-id", "animal-taxon", "deploy-on-date", "animal-sex", "deployment-id")

_LAYER = {"columns": MAPPED}
_ZONE = {"time_zone": "UTC"}
_SHAPES = {"kml": 3_500, "geojson": 3_000, "parquet": 2_500, "gpkg": 1_200, "shp": 500}
_DRAWN = {"citation": "Someone (2021)"}
_LINE = "<LineString><coordinates>1,2,3 4,5,6</coordinates></LineString>"
_ENDS = {
    "link-id": "id",
    "from-site": "origin",
    "to-site": "target",
    "from-longitude": "origin_lon",
    "from-latitude": "origin_lat",
    "to-longitude": "target_lon",
    "to-latitude": "target_lat",
    "evidence-class": "=tracking",
}


@dataclass(frozen=True)
class Seed:
    """A sound file.

    Parameters
    ----------
    name : of the seed
    reader : what reads it
    n : mutations of it in the test run: most where a file takes a millisecond, fewer where it takes tens of them
    files : name → content; the first is the one that is named, the others are its siblings
    settings : what its source says
    is_claimed : whether it is known by its content
    """

    name: str
    reader: str
    n: int
    files: Mapping[str, bytes]
    settings: Mapping[str, object] = field(default_factory=dict)
    is_claimed: bool = True

    def write(self, folder: Path) -> Path:
        """Write the files; returns the named one."""
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder / next(iter(self.files))


def movebank_events() -> bytes:
    """Positions of one animal over eight days."""
    stamps = [f"2020-05-{day:02d} {hour:02d}:00:00.000" for day in range(1, 9) for hour in range(0, 24, 6)]
    rows = [
        row(timestamp=stamp, location_long=f"{-110 + index / 50:.4f}", study_name='"Deer, of ""the"" west"')
        for index, stamp in enumerate(stamps)
    ]
    return "\n".join([",".join(COLUMNS), *rows, ""]).encode()


def movebank_reference() -> bytes:
    """Deployments of 19 animals."""
    rows = [f"{tag},animal {tag},Cervus elaphus,2020-01-{tag:02d} 00:00:00.000,f,d{tag}" for tag in range(1, 20)]
    return "\n".join([",".join(REFERENCE), *rows, ""]).encode()


def make_seeds(folder: Path) -> tuple[Seed, ...]:
    """All seeds; they are written in a folder first."""
    makers: tuple[Callable[[Path], tuple[Seed, ...]], ...] = (_lines, _tables, _packages, _documents, _layers, _shapes)
    made = []
    for maker in makers:
        (folder / maker.__name__).mkdir()
        made += maker(folder / maker.__name__)
    return tuple(made)


def _lines(_: Path) -> tuple[Seed, ...]:
    forms = [fixed, piped, decimal]
    rings = {form.__name__: ("\r\n".join([form()] * 4) + "\r\n").encode() for form in forms}
    events = movebank_events()
    return (
        Seed("movebank-csv", "movebank-csv", 160, {"deer.csv": events}),
        Seed("movebank-csv.gz", "movebank-csv", 120, {"deer.csv.gz": gzip.compress(events, mtime=0)}),
        Seed("movebank-reference", "movebank-csv", 120, {"deer.csv": movebank_reference()}),
        *(Seed(f"argos-{form}", "argos", 70, {"a.txt": text.encode()}) for form, text in argos.SAMPLES.items()),
        *(Seed(f"euring-{form}", "euring", 160, {"rings.txt": text}) for form, text in rings.items()),
        Seed("euring-all", "euring", 160, {"rings.txt": b"".join(rings.values())}),
        Seed("euring.gz", "euring", 100, {"rings.gz": gzip.compress(rings["piped"], mtime=0)}),
        Seed("otn-detections", "otn-detections", 110, {"matched.csv": acoustic.RECENT.encode()}),
        Seed("otn-earlier", "otn-detections", 110, {"matched.csv": acoustic.earlier(acoustic.RECENT).encode()}),
    )


def _tables(_: Path) -> tuple[Seed, ...]:
    sites, links = template("network_sites.csv"), template("network_links.csv")
    ends = b"id,origin,target,origin_lon,origin_lat,target_lon,target_lat\n" + b"".join(
        b"%d,NH,%s,-71.72,43.95,%d.5,20.3\n" % (index, target, -70 - index)
        for index, target in enumerate([b"Cuba", b"Hisp", b"Cuba", b"Fla"])
    )
    return (
        Seed("flipper-tags", "flipper-tags", 180, {"tags.csv": template("flipper_tags.csv")}),
        Seed("nesting-sites", "nesting-sites", 180, {"nests.csv": template("nesting_sites.csv")}),
        Seed("network-sites", "network", 130, {"sites.csv": sites}),
        Seed("network-links", "network", 130, {"links.csv": links, "sites.csv": sites}),
        Seed("network-ends", "network", 130, {"birds.csv": ends}, {"columns": _ENDS}, is_claimed=False),
    )


def _packages(folder: Path) -> tuple[Seed, ...]:
    (folder / "etn").mkdir()
    acoustic.package(folder / "etn")
    etn = _contents(folder / "etn", "detections.csv", "datapackage.json", "animals.csv", "tags.csv")
    (folder / "geolocator").mkdir()
    geolocator.package(folder / "geolocator")
    loose = _contents(folder / "geolocator", "datapackage.json", "paths.csv", "staps.csv", "tags.csv")
    people = [dwca.occurrence(basisOfRecord="HumanObservation", eventType=kind) for kind in ("capture", "end")]
    measured = ("occurrenceID", "measurementType", "measurementValue")
    declared = dwca.meta(
        dwca.table("Occurrence", "occurrence.csv", dwca.COLUMNS),
        dwca.table("ExtendedMeasurementOrFact", "emof.csv", measured, tag="extension"),
    )
    (folder / "dwca").mkdir()
    traits = dwca.text([("f1", "sex", "f")], measured)
    dwca.archive(folder / "dwca", [dwca.FIX] * 5 + people, declared, emof_csv=traits)
    archive = _contents(folder / "dwca", "meta.xml", "occurrence.csv", "emof.csv")
    return (
        Seed("etn-package", "etn-package", 110, etn),
        Seed("darwin-core", "darwin-core-archive", 130, archive, _ZONE),
        Seed("darwin-core-zip", "darwin-core-archive", 160, {"archive.zip": _zipped(archive)}, _ZONE),
        Seed("geolocator-dp", "geolocator-dp", 110, loose),
        Seed("geolocator-dp-zip", "geolocator-dp", 130, {"package.zip": _zipped(loose)}),
    )


def _documents(folder: Path) -> tuple[Seed, ...]:
    places = '<wpt lat="1" lon="2"/><rte><rtept lat="1" lon="2"/></rte>'
    routes = gpx(folder, places, track(), track()).read_bytes()
    marks = kml(folder, placemark(gx_track()), placemark(_LINE), placemark(gx_track(), "B")).read_bytes()
    features = collection(folder, *[feature(animal=index) for index in range(8)]).read_bytes()
    return (
        Seed("gpx", "gpx", 160, {"stork.gpx": routes}, _ZONE),
        Seed("kml", "kml", 140, {"oryx.kml": marks}, _ZONE),
        Seed("kmz", "kml", 120, {"oryx.kmz": kmz(folder, {"doc.kml": marks}).read_bytes()}, _ZONE),
        Seed("geojson", "geojson", 2_500, {"deer.geojson": features}, _LAYER),
    )


def _layers(folder: Path) -> tuple[Seed, ...]:
    layer = points(12)
    files = {
        suffix: write_layer(layer, folder, suffix).read_bytes() for suffix in (".gpkg", ".parquet", ".fgb", ".zip")
    }
    write_layer(layer, folder, ".shp")
    parts = _contents(folder, "deer.shp", "deer.dbf", "deer.shx", "deer.prj")
    return (
        Seed("geopackage", "geopackage", 1_500, {"deer.gpkg": files[".gpkg"]}, _LAYER),
        Seed("geoparquet", "geoparquet", 1_300, {"deer.parquet": files[".parquet"]}, _LAYER),
        Seed("flatgeobuf", "flatgeobuf", 260, {"deer.fgb": files[".fgb"]}, _LAYER),
        Seed("shapefile", "shapefile", 220, parts, _LAYER),
        Seed("shapefile-zip", "shapefile", 240, {"deer.zip": files[".zip"]}, _LAYER),
        Seed("netcdf", "atn-trajectory", 30, {"turtle.nc": atn.write(folder / "turtle.nc").read_bytes()}),
    )


def _shapes(folder: Path) -> tuple[Seed, ...]:
    columns = {
        "geometry": [drawn.BOX, drawn.BOX.boundary],
        "name": ["Río", "B"],
        "type": ["corridor", "route"],
        "class": ["low", None],
    }
    for ending in drawn.WRITERS:
        drawn.write(folder, ending, **columns if ending != "shp" else {**columns, "geometry": [drawn.BOX] * 2})
    files = {ending: _contents(folder, f"shapes.{ending}") for ending in drawn.WRITERS}
    files["shp"] = _contents(folder, "shapes.shp", "shapes.dbf", "shapes.shx", "shapes.prj")
    return tuple(
        Seed(f"drawn-{ending}", "drawn", _SHAPES[ending], content, _DRAWN) for ending, content in files.items()
    )


def _contents(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
