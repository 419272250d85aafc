"""Models of net displacement in a year: an animal stays, moves once, or moves out and back. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEP_DAYS = 3.0
_SCALES = np.array([0.5, 1.5, 4.0, 10.0])
_SCALE_LIMITS = (0.3, 21.0)
_REFINEMENTS = 4


@dataclass(frozen=True)
class Move:
    """A logistic change of displacement: ``amplitude_m / (1 + exp((midpoint_day - day) / scale_days))``."""

    midpoint_day: float
    scale_days: float
    amplitude_m: float

    def share(self, day: Floats) -> Floats:
        """The share of the move that is done on each day, 0…1."""
        return np.asarray(_logistic(day, np.array([self.midpoint_day]), np.array([self.scale_days]))[0])

    def half_width_days(self, level: float = 0.05) -> float:
        """Days between the midpoint and the day on which all but `level` of the move is done."""
        return self.scale_days * float(np.log((1 - level) / level))


@dataclass(frozen=True)
class DisplacementModel:
    """A base level plus the moves, in order of time, with its fit to the days it was fitted to."""

    base_m: float
    moves: tuple[Move, ...]
    aic: float

    def predict(self, day: Floats) -> Floats:
        """Displacement in metres on each day."""
        return self.base_m + sum((move.amplitude_m * move.share(day) for move in self.moves), np.zeros(len(day)))


def fit_models(
    day: Floats, displacement_m: Floats, *, min_stay_days: float = 14
) -> tuple[DisplacementModel, DisplacementModel | None, DisplacementModel | None]:
    """Fit the models of a resident, a disperser and a migrant by least squares.

    Midpoints and scales are searched on a grid over the days with data, and the grid is refined around the best;
    for each, base and amplitudes follow linearly. A disperser's move and a migrant's first lead away, a migrant's
    second leads back, its midpoint at least ``min_stay_days`` later. AIC is ``n ln(RSS / n) + 2 (k + 1)``, k being 1,
    4 and 7.

    Parameters
    ----------
    day, displacement_m : (n,), days ascending

    Returns
    -------
    The models with none, one and two moves; None where the days do not suffice or no such move exists.

    References
    ----------
    Bunnefeld et al. (2011), Journal of Animal Ecology 80, doi:10.1111/j.1365-2656.2010.01776.x; here displacement
    itself is fitted, whose scatter is more even than that of its square.
    """
    n = len(day)
    mean = float(displacement_m.mean())
    centred = displacement_m - mean
    total = float(centred @ centred)
    resident = DisplacementModel(mean, (), _aic(total, n, 1))
    midpoints = np.arange(day[0] + 0.5, day[-1], _STEP_DAYS)
    if n < 6 or midpoints.size == 0:
        return resident, None, None
    grid = np.meshgrid(midpoints, _SCALES, indexing="ij")
    shapes = _Shapes.of(day, grid[0].ravel(), grid[1].ravel())
    one = _refined(day, centred, _best_one(shapes, centred), min_stay_days, total)
    two = _refined(day, centred, _best_two(shapes, shapes, centred, min_stay_days), min_stay_days, total)
    return resident, _model(one, day, mean, total), _model(two, day, mean, total)


@dataclass(frozen=True)
class _Shapes:
    """Candidate moves: their midpoints and scales, and their centred logistic curves, one a row."""

    midpoint: Floats
    scale: Floats
    curves: Floats

    @classmethod
    def of(cls, day: Floats, midpoint: Floats, scale: Floats) -> "_Shapes":
        curves = _logistic(day, midpoint, scale)
        return cls(midpoint, scale, curves - curves.mean(axis=1, keepdims=True))

    @classmethod
    def around(cls, day: Floats, move: Move, step: float, factor: float) -> "_Shapes":
        offsets = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
        midpoint = np.clip(move.midpoint_day + step * offsets, day[0], day[-1])
        scale = np.clip(move.scale_days * factor**offsets, *_SCALE_LIMITS)
        grid = np.meshgrid(midpoint, scale, indexing="ij")
        return cls.of(day, grid[0].ravel(), grid[1].ravel())

    def move(self, index: int, amplitude_m: float) -> Move:
        return Move(float(self.midpoint[index]), float(self.scale[index]), float(amplitude_m))


@dataclass(frozen=True)
class _Fit:
    """The best moves of a set of candidates and the squares they explain."""

    moves: tuple[Move, ...]
    explained: float


def _logistic(day: Floats, midpoint: Floats, scale: Floats) -> Floats:
    return 0.5 * (1 + np.tanh((day[None, :] - midpoint[:, None]) / (2 * scale[:, None])))


def _best_one(shapes: _Shapes, centred: Floats) -> _Fit | None:
    along = shapes.curves @ centred
    norm = np.einsum("ij,ij->i", shapes.curves, shapes.curves)
    explained = np.where((along > 0) & (norm > 1e-6), along**2 / np.maximum(norm, 1e-6), -np.inf)
    best = int(explained.argmax())
    if not np.isfinite(explained[best]):
        return None
    return _Fit((shapes.move(best, along[best] / norm[best]),), float(explained[best]))


def _best_two(first: _Shapes, second: _Shapes, centred: Floats, min_stay_days: float) -> _Fit | None:
    along_a, along_b = (first.curves @ centred)[:, None], (second.curves @ centred)[None, :]
    norm_a = np.einsum("ij,ij->i", first.curves, first.curves)[:, None]
    norm_b = np.einsum("ij,ij->i", second.curves, second.curves)[None, :]
    cross = first.curves @ second.curves.T
    determinant = norm_a * norm_b - cross**2
    possible = determinant > 1e-6 * norm_a * norm_b + 1e-9
    determinant = np.where(possible, determinant, 1.0)
    amplitude_a = (norm_b * along_a - cross * along_b) / determinant
    amplitude_b = (norm_a * along_b - cross * along_a) / determinant
    possible &= (amplitude_a > 0) & (amplitude_b < 0)
    possible &= second.midpoint[None, :] - first.midpoint[:, None] >= min_stay_days
    explained = np.where(possible, amplitude_a * along_a + amplitude_b * along_b, -np.inf)
    a, b = np.unravel_index(int(explained.argmax()), explained.shape)
    if not np.isfinite(explained[a, b]):
        return None
    moves = (first.move(int(a), amplitude_a[a, b]), second.move(int(b), amplitude_b[a, b]))
    return _Fit(moves, float(explained[a, b]))


def _refined(day: Floats, centred: Floats, fit: _Fit | None, min_stay_days: float, total: float) -> _Fit | None:
    step, factor = _STEP_DAYS, 2.5
    for _ in range(_REFINEMENTS):
        if fit is None or fit.explained >= total:
            break
        near = [_Shapes.around(day, move, step, factor) for move in fit.moves]
        one_move = len(near) == 1
        better = _best_one(near[0], centred) if one_move else _best_two(near[0], near[1], centred, min_stay_days)
        if better is not None and better.explained > fit.explained:
            fit = better
        step, factor = step / 2, factor**0.5
    return fit


def _model(fit: _Fit | None, day: Floats, mean: float, total: float) -> DisplacementModel | None:
    if fit is None:
        return None
    base_m = mean - sum(move.amplitude_m * float(move.share(day).mean()) for move in fit.moves)
    return DisplacementModel(base_m, fit.moves, _aic(total - fit.explained, len(day), 1 + 3 * len(fit.moves)))


def _aic(rss: float, n: int, k: int) -> float:
    return n * float(np.log(max(rss, 1.0) / n)) + 2 * (k + 1)
