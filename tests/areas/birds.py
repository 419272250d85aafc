"""Simulated birds of a colony: trips out and back, some of them cut off."""

import numpy as np
import pandas as pd

COLONY = (-5.73, -16.0)
KM = 1 / 111.32


def bird(name: str, trips: list[tuple[float, float]], *, start: str = "2024-06-01", step_min: int = 10) -> pd.DataFrame:
    """A bird that stays 3 h at its colony, flies out `km` towards `bearing` at 40 km/h and back, for each trip."""
    east, north = [0.0] * 18, [0.0] * 18
    for km, bearing in trips:
        n = max(2, round(km / 40 * 60 / step_min))
        out = np.concatenate([np.linspace(0, km, n + 1)[1:], np.linspace(km, 0, n + 1)[1:]])
        east += list(out * np.sin(np.radians(bearing)))
        north += list(out * np.cos(np.radians(bearing)))
        east += [0.0] * 18
        north += [0.0] * 18
    return pd.DataFrame(
        {
            "animal_id": name,
            "time_utc": pd.date_range(start, periods=len(east), freq=f"{step_min}min", tz="UTC", unit="us"),
            "longitude": COLONY[0] + np.array(east) * KM / np.cos(np.radians(COLONY[1])),
            "latitude": COLONY[1] + np.array(north) * KM,
        }
    )


def colony(n: int = 12, *, seed: int = 0) -> pd.DataFrame:
    """Birds that forage around two places, 30 km east and 40 km north, three trips each."""
    rng = np.random.default_rng(seed)
    birds = []
    for k in range(n):
        places = [(30.0, 90.0), (40.0, 0.0)]
        trips = [places[(k + j) % 2] for j in range(3)]
        birds.append(bird(f"b{k:02d}", [(km + rng.normal(0, 2), degrees + rng.normal(0, 6)) for km, degrees in trips]))
    return pd.concat(birds, ignore_index=True)
