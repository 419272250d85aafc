"""Tracks for the tests: Brownian motion with known variance."""

import numpy as np
from numpy.typing import NDArray

Track = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def brownian_track(
    n: int, *, seed: int = 0, lag_s: float = 3600.0, variance: float = 4.0, error_m: float = 20.0, jitter: float = 0.0
) -> Track:
    """`n` fixes, `lag_s` apart on average, of a motion of `variance` m²/s seen with `error_m`."""
    rng = np.random.default_rng(seed)
    time = np.cumsum(lag_s * rng.uniform(1 - jitter, 1 + jitter, n))
    steps = rng.normal(size=(2, n)) * np.sqrt(variance * np.diff(time, prepend=time[0]))
    x, y = np.cumsum(steps, axis=1) + rng.normal(scale=error_m, size=(2, n))
    return x + 500_000, y + 4_700_000, time
