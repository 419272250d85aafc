"""Correlated random walks for the tests: the truth, and fixes of it with errors like those of Argos."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wildways.movement import position_covariance

Floats = NDArray[np.float64]
CLASSES = ("3", "2", "1", "0", "A", "B")
SHARES = (0.05, 0.10, 0.15, 0.10, 0.25, 0.35)
"""As of a small tag on a diving animal."""


@dataclass(frozen=True)
class Walk:
    """A walk of one animal: where it was, where it was seen, and how wrong that may be."""

    time_s: Floats
    truth_m: Floats
    seen_m: Floats
    covariance_m2: Floats
    location_class: NDArray[np.str_]

    @property
    def track(self) -> tuple[Floats, Floats, Floats, Floats]:
        """As `fit_ctcrw` takes it."""
        return self.time_s, self.seen_m[:, 0], self.seen_m[:, 1], self.covariance_m2


def integrated_covariance(time_s: Floats, sigma2: float, beta: float) -> Floats:
    """Covariance of the way from the first position, for a velocity from its own distribution."""
    t = time_s - time_s[0]
    s, t = t[:, None], t[None, :]
    faded = np.exp(-beta * s) + np.exp(-beta * t) - 1 - np.exp(-beta * np.abs(t - s))
    return sigma2 / (2 * beta) * (2 * beta * np.minimum(s, t) + faded)


def argos_walk(
    seed: int, *, n: int = 400, speed_mps: float = 1.0, memory_h: float = 8.0, lag_h: float = 2.0, ellipses: bool = True
) -> Walk:
    """Fixes at random times, with mixed location classes, every other one with an error ellipse."""
    rng = np.random.default_rng(seed)
    beta = 1 / (memory_h * 3600)
    time = np.sort(rng.uniform(0, n * lag_h * 3600, n))
    root = np.linalg.cholesky(integrated_covariance(time, speed_mps**2 / beta, beta) + 1e-3 * np.eye(n))
    truth = root @ rng.normal(size=(n, 2)) + [40_000.0, -7_000.0]
    classes = rng.choice(CLASSES, n, p=SHARES)
    major = np.where((np.arange(n) % 2 == 0) & ellipses, rng.lognormal(np.log(2500), 0.8, n), np.nan)
    covariance = position_covariance(classes, major, major * rng.uniform(0.1, 0.9, n), rng.uniform(0, 180, n))
    error = np.einsum("nij,nj->ni", np.linalg.cholesky(covariance), rng.normal(size=(n, 2)))
    return Walk(time, truth, truth + error, covariance, classes)
