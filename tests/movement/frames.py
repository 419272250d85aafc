"""Frames of fixes for the tests."""

from typing import Any

import numpy as np
import pandas as pd


def fix_frame(
    longitude: Any, latitude: Any, *, animal: Any = "A", hours: Any = None, start: str = "2020-02-01", **marks: Any
) -> pd.DataFrame:
    """Fixes of one animal, one an hour where nothing else is said, with mark columns of nullable booleans."""
    n = len(longitude)
    hours = np.arange(n, dtype=float) if hours is None else np.asarray(hours, dtype=float)
    time = pd.Timestamp(start, tz="UTC") + pd.to_timedelta(hours, unit="h")
    return pd.DataFrame(
        {
            "animal_id": np.full(n, animal, dtype=object) if isinstance(animal, str) else animal,
            "time_utc": pd.DatetimeIndex(time).as_unit("us"),
            "longitude": np.asarray(longitude, dtype=np.float64),
            "latitude": np.asarray(latitude, dtype=np.float64),
            **{name: pd.array(values, dtype="boolean") for name, values in marks.items()},
        }
    )


def no_fixes() -> pd.DataFrame:
    """A frame of fixes without rows."""
    return fix_frame([], [])


def read_example(path: Any) -> pd.DataFrame:
    """Fixes of a Movebank file."""
    rows = pd.read_csv(path, dtype={"individual-local-identifier": str})
    fixes = pd.DataFrame(
        {
            "animal_id": rows["individual-local-identifier"],
            "time_utc": pd.to_datetime(rows["timestamp"], utc=True).dt.as_unit("us"),
            "longitude": rows["location-long"].astype("float64"),
            "latitude": rows["location-lat"].astype("float64"),
        }
    )
    return fixes.sort_values(["animal_id", "time_utc"], kind="stable").reset_index(drop=True)
