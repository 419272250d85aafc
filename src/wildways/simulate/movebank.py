"""Simulated tracks as Movebank writes them: CSV with the names of the Movebank Attribute Dictionary."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from wildways.model import BadInput

_CHUNK_ROWS = 500_000
_ROWS_PER_ANIMAL = 20_000
_EARTH_M_PER_DEGREE = 111_195.0


def write_movebank_csv(fixes: pd.DataFrame, path: Path, *, study: str, taxon: str) -> None:
    """Write fixes as a Movebank event file.

    Parameters
    ----------
    fixes : one row a fix: ``animal_id, time_utc, longitude, latitude, algorithm_marked_outlier``
    path : file to write
    study : name of the study; must say that it is simulated

    Raises
    ------
    BadInput : the study's name does not contain “simulated”
    """
    _require_label(study)
    n = len(fixes)
    marked = pa.array(fixes["algorithm_marked_outlier"].astype("boolean"), type=pa.bool_())
    animal = pa.array(fixes["animal_id"], type=pa.string())
    table = pa.table(
        {
            "event-id": np.arange(1, n + 1),
            "visible": pc.invert(pc.fill_null(marked, False)),
            "timestamp": _timestamps(fixes["time_utc"].dt.as_unit("ms").astype("int64").to_numpy()),
            "location-long": fixes["longitude"].to_numpy(),
            "location-lat": fixes["latitude"].to_numpy(),
            "algorithm-marked-outlier": pc.if_else(marked, True, None),
            "sensor-type": pa.repeat("gps", n),
            "individual-taxon-canonical-name": pa.repeat(taxon, n),
            "tag-local-identifier": pc.binary_join_element_wise("tag", animal, "-"),
            "individual-local-identifier": animal,
            "study-name": pa.repeat(study, n),
        }
    )
    with _writer(path, table.schema) as writer:
        writer.write_table(table)


def write_large_movebank_csv(path: Path, n_rows: int, *, rng: np.random.Generator) -> None:
    """Write a large Movebank event file of plausible tracks, for measuring readers; memory is bounded by one chunk.

    Animals of 20,000 hourly fixes wander correlated around homes in the steppes of Asia; the table has 14 columns.

    Parameters
    ----------
    path : file to write
    n_rows : rows after the header
    rng : the only source of randomness
    """
    first = _large_chunk(0, 0, rng)
    with _writer(path, first.schema) as writer:
        for begin in range(0, n_rows, _CHUNK_ROWS):
            writer.write_table(_large_chunk(begin, min(_CHUNK_ROWS, n_rows - begin), rng))


def _large_chunk(begin: int, n: int, rng: np.random.Generator) -> pa.Table:
    row = np.arange(begin, begin + n)
    animal, step = np.divmod(row, _ROWS_PER_ANIMAL)
    east, north = (_wander(animal, rng) for _ in range(2))
    latitude = 46 + 0.01 * (animal % 400) + north
    longitude = 60 + 0.05 * (animal % 900) + east
    speed = np.hypot(np.diff(east, append=east[-1:]), np.diff(north, append=north[-1:])) * _EARTH_M_PER_DEGREE / 3600
    names = pa.DictionaryArray.from_arrays(
        pa.array((animal - animal[:1].sum()).astype(np.int32)),
        pa.array([f"sim-{k:05d}" for k in range(int(animal[:1].sum()), int(animal[-1:].sum()) + 1)]),
    ).cast(pa.string())
    return pa.table(
        {
            "event-id": row + 1_000_000_000,
            "visible": pa.repeat(True, n),
            "timestamp": _timestamps((1_577_836_800 + 3600 * step) * 1_000 + rng.integers(0, 60_000, n)),
            "location-long": longitude.round(6),
            "location-lat": latitude.round(6),
            "external-temperature": (10 - 15 * np.cos(step * 2 * np.pi / 8766) + rng.normal(0, 3, n)).round(1),
            "ground-speed": speed.round(2),
            "gps:hdop": rng.gamma(4, 0.4, n).round(1),
            "gps:satellite-count": rng.integers(4, 13, n),
            "sensor-type": pa.repeat("gps", n),
            "individual-taxon-canonical-name": pa.repeat("Saiga tatarica", n),
            "tag-local-identifier": names,
            "individual-local-identifier": names,
            "study-name": pa.repeat("Large simulated study", n),
        }
    )


def _wander(
    animal: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    # Degrees from home: a random walk of hourly steps that begins anew with each animal, gently folded into a range.
    walk = np.cumsum(rng.normal(0, 0.006, len(animal)))
    if len(animal):
        starts = np.flatnonzero(np.diff(animal, prepend=animal[0] - 1))
        walk -= np.repeat(walk[starts], np.diff(np.append(starts, len(animal))))
    return np.asarray(3 * np.sin(walk / 3))


def _timestamps(milliseconds: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    return pa.array(milliseconds, type=pa.int64()).cast(pa.timestamp("ms"))


def _writer(path: Path, schema: pa.Schema) -> csv.CSVWriter:
    return csv.CSVWriter(str(path), schema, write_options=csv.WriteOptions(quoting_style="needed"))


def _require_label(study: str) -> None:
    if "simulated" not in study.lower():
        raise BadInput("study-label", f"The study is called “{study}”.", hint="Its name must say “simulated”.")
