"""Breakpoints of a series: PELT for changes of the mean, Lavielle's penalised contrast. Pure; arrays in."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement._breakpoint_kernels import BOTH, MEAN, VARIANCE, least_contrasts, least_penalised

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Contrast = Literal["mean", "var", "meanvar"]

_KINDS = {"mean": MEAN, "var": VARIANCE, "meanvar": BOTH}
_MOST_CONTRAST_VALUES = 20_000


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A series cut by Lavielle's method into every number of segments, and the number that was chosen."""

    chosen: int
    contrasts: Floats
    """Least contrast of 1…Kmax segments, shape (Kmax,); infinite where so many do not fit."""
    curvature: Floats
    """Second difference of the standardised contrast of 1…Kmax segments; NaN at both ends."""
    starts_of: tuple[Integers, ...]
    """For 1…Kmax segments, where each begins."""

    @property
    def starts(self) -> Integers:
        """Where each segment of the chosen number begins; the first is 0."""
        return self.starts_of[self.chosen - 1]


def pelt(values: Floats, *, penalty: float | None = None, min_length: int = 1) -> Integers:
    """Cut a series where its mean changes.

    The segments minimise the sum of squares about their means, of the series divided by its standard deviation, plus
    `penalty` for every change. They are found by dynamic programming that drops what cannot win any more: exact, and
    in time about proportional to the length where changes are many.

    Parameters
    ----------
    values : (n,), at regular times
    penalty : by default ``3 ln n``: a change must explain so much of the n units of variance
    min_length : least number of values in a segment

    Returns
    -------
    Where each segment begins; the first is 0. A constant series is one segment.

    References
    ----------
    Killick, Fearnhead and Eckley (2012), Journal of the American Statistical Association 107,
    doi:10.1080/01621459.2012.737745
    """
    series = _standardised(values)
    if min_length < 1:
        raise BadInput("segment-length", f"A segment cannot have {min_length} values.", hint="Give 1 or more.")
    if len(series) < 2 * min_length or not series.any():
        return np.zeros(1, dtype=np.int64)
    least = 3 * np.log(len(series)) if penalty is None else penalty
    return np.asarray(least_penalised(series, float(least), min_length))


def lavielle(
    values: Floats,
    *,
    max_segments: int = 10,
    min_length: int = 10,
    contrast: Contrast = "meanvar",
    threshold: float = 0.75,
) -> Segmentation:
    """Cut a series by Lavielle's penalised contrast.

    For every number of segments the cuts with the least contrast are found by dynamic programming over the
    standardised series: the sum of squares about the means of the segments (``mean``), or of ``length ln variance``
    about the mean of all (``var``) or of the segment (``meanvar``). The contrasts are scaled so that they fall from
    Kmax to 1; chosen is the greatest number of segments at which the scaled contrast bends by more than `threshold`,
    or one.

    Parameters
    ----------
    values : (n,), at regular times, at most 20,000
    max_segments, min_length : together at most n

    Raises
    ------
    BadInput : the series is too short or too long for that, or a value is not finite

    References
    ----------
    Lavielle (2005), Signal Processing 85, doi:10.1016/j.sigpro.2005.01.012
    """
    series = _standardised(values)
    n = len(series)
    if not 1 <= max_segments * min_length <= n or min_length < 1:
        message = f"{max_segments} segments of at least {min_length} values do not fit into {n}."
        raise BadInput("segments", message, hint="Ask for fewer or shorter segments.")
    if n > _MOST_CONTRAST_VALUES:
        message = f"The series has {n:,} values; at most {_MOST_CONTRAST_VALUES:,} can be cut."
        raise BadInput("series-length", message, hint="Take daily values, or use pelt.")
    contrasts, first = least_contrasts(series, max_segments, min_length, _KINDS[contrast])
    curvature = _curvature(contrasts)
    bends = np.flatnonzero(np.nan_to_num(curvature, nan=-np.inf) > threshold)
    chosen = int(bends[-1]) + 1 if bends.size else 1
    return Segmentation(chosen, contrasts, curvature, tuple(_starts(first, k, n) for k in range(1, max_segments + 1)))


def segment_means(values: Floats, starts: Integers) -> Floats:
    """The mean of each segment, shape (number of segments,)."""
    return np.asarray(np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values))))


def _standardised(values: Floats) -> Floats:
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1 or not np.isfinite(series).all():
        raise BadInput("series", "The series is not one row of finite numbers.", hint="Leave out days without values.")
    if not len(series):
        return series
    spread = float(series.std())
    centred = series - series.mean()
    return centred / spread if spread > 1e-12 * max(1.0, float(np.abs(series).max())) else np.zeros(len(series))


def _curvature(contrasts: Floats) -> Floats:
    most = len(contrasts)
    bends = np.full(most, np.nan)
    fall = contrasts[0] - contrasts[-1]
    if most < 3 or fall <= 1e-9 * max(1.0, abs(float(contrasts[0]))):
        return bends
    scaled = (contrasts[-1] - contrasts) / (contrasts[-1] - contrasts[0]) * (most - 1) + 1
    bends[1:-1] = scaled[:-2] - 2 * scaled[1:-1] + scaled[2:]
    return bends


def _starts(first: Integers, k: int, n: int) -> Integers:
    starts, end = [], n
    for segments in range(k, 0, -1):
        end = int(first[segments, end])
        starts.append(end)
    return np.array(starts[::-1], dtype=np.int64)
