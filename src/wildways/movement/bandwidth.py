"""How wide a kernel is: bandwidths for kernel densities."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput, LimitReached
from wildways.movement._density_kernels import count_distances
from wildways.movement.distribution import Remark
from wildways.movement.track import checked_points

KernelName = Literal["gaussian", "epanechnikov"]

MIN_POINTS = 5
MAX_POINTS_FOR_LSCV = 40_000
_FACTORS = {"gaussian": 1.0, "epanechnikov": 1.77}
_LSCV_SHARES = (0.1, 1.5)
_N_LSCV = 100
_BINS_PER_BANDWIDTH = 50
_FAR_BANDWIDTHS = 13.0


@dataclass(frozen=True, eq=False)
class LeastSquaresBandwidth:
    """The bandwidth found, and the score of each that was tried."""

    bandwidth_m: float
    tried_m: NDArray[np.float64]
    score_per_m2: NDArray[np.float64]
    """Estimate of the integrated squared error, but for a constant."""
    remarks: tuple[Remark, ...]


def reference_bandwidth(x_m: ArrayLike, y_m: ArrayLike, *, kernel: KernelName = "gaussian") -> float:
    """The bandwidth that is best if the animal's density is one Gaussian: ``h = s n^(-1/6)``.

    ``s² = (var x + var y) / 2``, with n - 1 in the variances; times 1.77 for Epanechnikov's kernel. Ranges of several
    centres are smoothed too much by it.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres, n at least 5
    kernel : ``"gaussian"`` or ``"epanechnikov"``

    Returns
    -------
    h, metres.

    Raises
    ------
    BadInput : ``kernel-unknown``, ``bandwidth-points``, ``bandwidth`` (all points are one), and what `checked_points`
        raises

    References
    ----------
    Worton (1989), Ecology 70:164, doi:10.2307/1938423.
    """
    if kernel not in _FACTORS:
        raise BadInput("kernel-unknown", f"There is no kernel “{kernel}”.", hint="Known: gaussian, epanechnikov.")
    x, y = checked_points(x_m, y_m)
    if x.size < MIN_POINTS:
        raise BadInput(
            "bandwidth-points",
            f"{x.size} points are too few to tell how wide a kernel is; {MIN_POINTS} are needed.",
            hint="Give bandwidth_m.",
        )
    spread_m = math.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
    if spread_m == 0:
        raise BadInput("bandwidth", f"All {x.size} points are one: they have no spread.", hint="Give bandwidth_m.")
    return float(_FACTORS[kernel] * spread_m * x.size ** (-1 / 6))


def least_squares_bandwidth(x_m: ArrayLike, y_m: ArrayLike) -> LeastSquaresBandwidth:
    """The bandwidth of a Gaussian kernel that least-squares cross-validation finds, of 100 between 0.1 and 1.5 h.

    h is the `reference_bandwidth`. Cross-validation often fails where many fixes share a place: the least score is then
    at an end of what was tried, which a remark says. Distances are counted in classes a fiftieth of the least bandwidth
    wide. O(n²).

    Parameters
    ----------
    x_m, y_m : shape (n,), metres, n at least 5

    Raises
    ------
    BadInput : as `reference_bandwidth`
    LimitReached : ``bandwidth-points``, more than 40,000 points

    References
    ----------
    Worton (1989), Ecology 70:164, doi:10.2307/1938423.
    """
    reference_m = reference_bandwidth(x_m, y_m)
    x, y = checked_points(x_m, y_m)
    if x.size > MAX_POINTS_FOR_LSCV:
        raise LimitReached(
            "bandwidth-points",
            f"{x.size:,} points are more than the {MAX_POINTS_FOR_LSCV:,} whose distances are taken pair by pair.",
            hint="Use the reference bandwidth, or thin the points.",
        )
    tried_m = np.linspace(_LSCV_SHARES[0] * reference_m, _LSCV_SHARES[1] * reference_m, _N_LSCV)
    width_m = tried_m[0] / _BINS_PER_BANDWIDTH
    n_pairs, square_m2 = count_distances(x, y, width_m, math.ceil(_FAR_BANDWIDTHS * tried_m[-1] / width_m))
    scores = np.array([_score(h, x.size, n_pairs, square_m2) for h in tried_m])
    best = int(scores.argmin())
    return LeastSquaresBandwidth(float(tried_m[best]), tried_m, scores, _remarks(best, float(tried_m[best])))


def _score(h: float, n: int, n_pairs: NDArray[np.float64], square_m2: NDArray[np.float64]) -> float:
    # Between two Gaussians a distance d apart: exp(-d²/4h²) in the square, exp(-d²/2h²), its square, left out.
    overlap = np.exp(-square_m2 / (4 * h * h))
    pairs = float(n_pairs @ (overlap - 4 * overlap * overlap))
    return 1 / (math.pi * h * h * n) + (2 * pairs - 3 * n) / (4 * math.pi * h * h * n * n)


def _remarks(best: int, bandwidth_m: float) -> tuple[Remark, ...]:
    if 0 < best < _N_LSCV - 1:
        return ()
    message = (
        f"Cross-validation found no bandwidth: the least score is at the end of what was tried, {bandwidth_m:.0f} m."
    )
    return (Remark("bandwidth-not-found", message),)
