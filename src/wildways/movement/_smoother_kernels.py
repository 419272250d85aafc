"""Compiled kernels of the correlated random walk: Kalman filter and smoother. They check nothing and release the GIL.

The state is (x, x velocity, y, y velocity). Errors of fixes are rows (var_x, cov_xy, var_y). A track begins with the
variances `start` of the state around the first fix; infinite ones of the position are taken from the fix itself.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

SERIES_BELOW = 0.1


@njit(cache=True, nogil=True)
def transition(beta: float, lag: float) -> tuple[float, float, float, float, float]:
    """Over `lag` seconds: metres gained by a velocity of 1, share of it left, and the noise for a unit diffusion.

    The noise is var(position), cov(position, velocity), var(velocity).
    """
    z = beta * lag
    faded, left = -math.expm1(-z), math.exp(-z)
    if z < SERIES_BELOW:
        # z - 2 (1 - e^-z) + (1 - e^-2z) / 2 without its cancellation.
        tail = -1 / 24 + z * (31 / 2520 + z * (-1 / 320 + z * 127 / 181440))
        spread = z**3 * (1 / 3 + z * (-1 / 4 + z * (7 / 60 + z * tail)))
    else:
        spread = z - 2 * faded - 0.5 * math.expm1(-2 * z)
    return faded / beta, left, spread / beta, 0.5 * faded * faded, -0.5 * beta * math.expm1(-2 * z)


@njit(cache=True, nogil=True)
def log_likelihood(
    time: Floats, x: Floats, y: Floats, error: Floats, diffusion: float, beta: float, start: Floats
) -> float:
    """Logarithm of the density of all fixes, of all but the first where it says where the track begins."""
    mean, cov, gain = np.empty(4), np.empty((4, 4)), np.empty((4, 2))
    total = _begin(mean, cov, gain, x[0], y[0], error[0], start)
    for i in range(1, time.size):
        _predict(mean, cov, diffusion, beta, time[i] - time[i - 1])
        total += _update(mean, cov, gain, x[i], y[i], error[i])
    return total


@njit(cache=True, nogil=True)
def whitened_innovations(
    time: Floats, x: Floats, y: Floats, error: Floats, diffusion: float, beta: float, start: Floats
) -> Floats:
    """What each fix adds to the prediction from those before, in standard deviations; NaN for the first."""
    mean, cov, gain = np.empty(4), np.empty((4, 4)), np.empty((4, 2))
    white = np.full((time.size, 2), np.nan)
    _begin(mean, cov, gain, x[0], y[0], error[0], start)
    for i in range(1, time.size):
        _predict(mean, cov, diffusion, beta, time[i] - time[i - 1])
        sd_x = math.sqrt(cov[0, 0] + error[i, 0])
        slope = (cov[0, 2] + error[i, 1]) / sd_x
        white[i, 0] = (x[i] - mean[0]) / sd_x
        white[i, 1] = (y[i] - mean[2] - slope * white[i, 0]) / math.sqrt(cov[2, 2] + error[i, 2] - slope * slope)
        _update(mean, cov, gain, x[i], y[i], error[i])
    return white


@njit(cache=True, nogil=True)
def smoothed_states(
    time: Floats, is_fix: Booleans, x: Floats, y: Floats, error: Floats, diffusion: float, beta: float, start: Floats
) -> tuple[Floats, Floats]:
    """Means (n, 4) and covariances (n, 4, 4) of the state at each time, given all fixes; the first time is a fix."""
    n = time.size
    means, covs, gain = np.empty((n, 4)), np.empty((n, 4, 4)), np.empty((4, 2))
    _begin(means[0], covs[0], gain, x[0], y[0], error[0], start)
    for i in range(1, n):
        means[i], covs[i] = means[i - 1], covs[i - 1]
        _predict(means[i], covs[i], diffusion, beta, time[i] - time[i - 1])
        if is_fix[i]:
            _update(means[i], covs[i], gain, x[i], y[i], error[i])
    _smooth_back(time, means, covs, diffusion, beta)
    return means, covs


@njit(cache=True, nogil=True)
def _begin(mean: Floats, cov: Floats, gain: Floats, x: float, y: float, error: Floats, start: Floats) -> float:
    mean[:] = 0.0
    mean[0], mean[2] = x, y
    cov[:] = 0.0
    for k in range(4):
        cov[k, k] = start[k]
    if math.isfinite(start[0]):
        return _update(mean, cov, gain, x, y, error)
    cov[0, 0], cov[2, 2] = error[0], error[2]
    cov[0, 2] = cov[2, 0] = error[1]
    return 0.0


@njit(cache=True, nogil=True)
def _predict(mean: Floats, cov: Floats, diffusion: float, beta: float, lag: float) -> None:
    if lag == 0.0:
        return
    reach, left, noise_pp, noise_pv, noise_vv = transition(beta, lag)
    for p in (0, 2):
        mean[p] += reach * mean[p + 1]
        mean[p + 1] *= left
    for k in range(4):
        for p in (0, 2):
            cov[p, k] += reach * cov[p + 1, k]
            cov[p + 1, k] *= left
    for k in range(4):
        for p in (0, 2):
            cov[k, p] += reach * cov[k, p + 1]
            cov[k, p + 1] *= left
    for p in (0, 2):
        cov[p, p] += diffusion * noise_pp
        cov[p, p + 1] += diffusion * noise_pv
        cov[p + 1, p] += diffusion * noise_pv
        cov[p + 1, p + 1] += diffusion * noise_vv


@njit(cache=True, nogil=True)
def _update(mean: Floats, cov: Floats, gain: Floats, x: float, y: float, error: Floats) -> float:
    # In Joseph's form, which keeps the covariance positive. Returns the log density of the fix.
    xx, xy, yy = cov[0, 0] + error[0], cov[0, 2] + error[1], cov[2, 2] + error[2]
    det = xx * yy - xy * xy
    miss_x, miss_y = x - mean[0], y - mean[2]
    for k in range(4):
        gain[k, 0] = (cov[k, 0] * yy - cov[k, 2] * xy) / det
        gain[k, 1] = (cov[k, 2] * xx - cov[k, 0] * xy) / det
        mean[k] += gain[k, 0] * miss_x + gain[k, 1] * miss_y
    for k in range(4):
        at_x, at_y = cov[0, k], cov[2, k]
        for j in range(4):
            cov[j, k] -= gain[j, 0] * at_x + gain[j, 1] * at_y
    for j in range(4):
        at_x, at_y = cov[j, 0], cov[j, 2]
        by_x, by_y = gain[j, 0] * error[0] + gain[j, 1] * error[1], gain[j, 0] * error[1] + gain[j, 1] * error[2]
        for k in range(4):
            cov[j, k] += gain[k, 0] * (by_x - at_x) + gain[k, 1] * (by_y - at_y)
    distance = (yy * miss_x * miss_x - 2 * xy * miss_x * miss_y + xx * miss_y * miss_y) / det
    return float(-0.5 * (distance + math.log(det)) - math.log(2 * math.pi))


@njit(cache=True, nogil=True)
def _smooth_back(time: Floats, means: Floats, covs: Floats, diffusion: float, beta: float) -> None:
    # Rauch, Tung and Striebel, with the covariance as a sum of positive terms.
    ahead, weight, rest = np.empty(4), np.empty((4, 4)), np.empty((4, 4))
    noise, moved, spare = np.empty((4, 4)), np.empty((4, 4)), np.empty((4, 4))
    for i in range(time.size - 2, -1, -1):
        lag = time[i + 1] - time[i]
        if lag == 0.0:
            means[i], covs[i] = means[i + 1], covs[i + 1]
            continue
        ahead[:], moved[:], noise[:] = means[i], covs[i], 0.0
        _predict(ahead, moved, diffusion, beta, lag)
        _predict(spare[0], noise, diffusion, beta, lag)
        reach, left = transition(beta, lag)[:2]
        for k in range(4):
            for p in (0, 2):
                weight[k, p] = covs[i, k, p] + reach * covs[i, k, p + 1]
                weight[k, p + 1] = left * covs[i, k, p + 1]
        _divide(weight, moved)
        for k in range(4):
            for p in (0, 2):
                rest[k, p] = -weight[k, p]
                rest[k, p + 1] = -reach * weight[k, p] - left * weight[k, p + 1]
            rest[k, k] += 1.0
            for j in range(4):
                means[i, k] += weight[k, j] * (means[i + 1, j] - ahead[j])
        noise += covs[i + 1]
        _sandwich(rest, covs[i], spare, moved)
        _sandwich(weight, noise, spare, covs[i])
        covs[i] += moved


@njit(cache=True, nogil=True)
def _divide(rows: Floats, matrix: Floats) -> None:
    # rows ← rows · matrix⁻¹ for a positive matrix, which is overwritten by its Cholesky factor.
    for j in range(4):
        for i in range(j, 4):
            for k in range(j):
                matrix[i, j] -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = math.sqrt(matrix[j, j]) if i == j else matrix[i, j] / matrix[j, j]
    for r in range(4):
        for i in range(4):
            for k in range(i):
                rows[r, i] -= matrix[i, k] * rows[r, k]
            rows[r, i] /= matrix[i, i]
        for i in range(3, -1, -1):
            for k in range(i + 1, 4):
                rows[r, i] -= matrix[k, i] * rows[r, k]
            rows[r, i] /= matrix[i, i]


@njit(cache=True, nogil=True)
def _sandwich(outer: Floats, inner: Floats, spare: Floats, result: Floats) -> None:
    # result ← outer · inner · outerᵀ
    for i in range(4):
        for j in range(4):
            spare[i, j] = 0.0
            for k in range(4):
                spare[i, j] += outer[i, k] * inner[k, j]
    for i in range(4):
        for j in range(4):
            result[i, j] = 0.0
            for k in range(4):
                result[i, j] += spare[i, k] * outer[j, k]
