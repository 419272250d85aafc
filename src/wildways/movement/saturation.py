"""Curves that rise to a limit as animals are added: what the sample shows, and what more animals would."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_HALF, _MOST_HALF = 1e-6, 1e3
"""Half-saturation tried, in animals and as a multiple of the largest size; a curve of the latter is a straight line."""
_FALLS = 0.9


@dataclass(frozen=True, eq=False)
class Saturation:
    """A curve ``y = A s / (h + s)`` through the means of ``y`` at sample sizes ``s``.

    Parameters
    ----------
    sizes : shape (m,), animals
    means, deviations : shape (m,), mean of y over the draws and its standard deviation
    asymptote : A, what y would be of infinitely many animals; None where no curve fits that rises to a limit
    half : h, animals that reach half of it
    """

    sizes: NDArray[np.int64]
    means: Floats
    deviations: Floats
    asymptote: float | None
    half: float | None

    def share_at(self, n_animals: int) -> float | None:
        """The share of the asymptote that `n_animals` reach."""
        return None if self.half is None else n_animals / (self.half + n_animals)

    def animals_for(self, share: float) -> int | None:
        """How many animals, at least one, reach a share of the asymptote."""
        return None if self.half is None else max(1, math.ceil(share / (1 - share) * self.half - 1e-9))


def fit_saturation(sizes: NDArray[np.int64], values: Floats) -> Saturation:
    """Fit ``y = A s / (h + s)`` by least squares to draws: the same curve as ``a s / (1 + b s)``, ``A = a/b, h = 1/b``.

    Parameters
    ----------
    sizes : shape (m,), animals
    values : shape (draws, m)

    Returns
    -------
    The curve; without asymptote where the means are zero, fall, or still rise in a straight line at the last size.
    """
    from scipy.optimize import minimize_scalar

    means = values.mean(axis=0)
    deviations = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(means)
    none = Saturation(sizes, means, deviations, None, None)
    if sizes.size < 3 or not np.isfinite(means).all() or means.max() <= 0 or means[-1] < _FALLS * means.max():
        return none

    def error(log_half: float) -> float:
        shape = sizes / (math.exp(log_half) + sizes)
        left = means - shape * (shape @ means) / (shape @ shape)
        return float(left @ left)

    bounds = math.log(_LEAST_HALF), math.log(_MOST_HALF * float(sizes[-1]))
    found = minimize_scalar(error, bounds=bounds, method="bounded", options={"xatol": 1e-10})
    half = math.exp(found.x)
    if half > 0.1 * _MOST_HALF * sizes[-1]:
        return none
    shape = sizes / (half + sizes)
    return Saturation(sizes, means, deviations, float(shape @ means / (shape @ shape)), half)
