"""Models of net squared displacement: resident, nomad, disperser, migrant, mixed migrant. Pure; arrays in."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from wildways.model import BadInput
from wildways.movement._nsd_kernels import best_pairs, fit_moves

Floats = NDArray[np.float64]


class NsdModel(StrEnum):
    """What an animal did in a year, as a curve of its net squared displacement."""

    RESIDENT = "resident"
    """``gamma (1 - exp(kappa t'))``, t' being days since the first: it reaches the width of its range, and stays."""
    NOMAD = "nomad"
    """``beta t'``: it goes on and on."""
    DISPERSER = "disperser"
    """``delta / (1 + exp((theta - t) / phi))``: it leaves once."""
    MIGRANT = "migrant"
    """``delta / (1 + exp((theta - t) / phi)) - delta / (1 + exp((theta2 - t) / phi2))``: it leaves and returns."""
    MIXED = "mixed"
    """As a migrant whose return is ``delta zeta``: it comes back part of the way."""


BOUNDS: dict[str, tuple[float, float]] = {
    "theta": (1.0, 364.0),
    "phi": (1.0, 21.0),
    "rho": (1.0, 364.0),
    "phi2": (1.0, 21.0),
    "zeta": (0.05, 0.95),
    "kappa": (-1.0, -0.01),
}
"""Least and greatest value of each parameter that the data do not bound, as migrateR has them; days and shares."""

PARAMETERS: dict[NsdModel, tuple[str, ...]] = {
    NsdModel.RESIDENT: ("gamma", "kappa"),
    NsdModel.NOMAD: ("beta",),
    NsdModel.DISPERSER: ("theta", "phi", "delta"),
    NsdModel.MIGRANT: ("theta", "phi", "delta", "rho", "phi2"),
    NsdModel.MIXED: ("theta", "phi", "delta", "rho", "phi2", "zeta"),
}

_RETURNS = (NsdModel.MIGRANT, NsdModel.MIXED)
_GRID = ((1.0, 3.0), (3.0, 5.0), (8.0, 10.0), (21.0, 21.0))
_STARTS = 4
_APART_DAYS = 8.0
_PRECISION = 1e-12


@dataclass(frozen=True)
class NsdFit:
    """One model fitted to one animal-year."""

    model: NsdModel
    parameters: dict[str, float]
    """By name: theta, phi, rho, phi2 in days, gamma and delta in km², beta in km² a day, kappa a day, zeta a share."""
    rss: float
    """Residual sum of squares, km⁴."""
    aic: float
    """``n (ln(2 pi RSS / n) + 1) + 2 (k + 1)``, k being the number of parameters; as R has it."""
    at_bound: tuple[str, ...] = ()
    """Parameters that ended at a bound: the move was faster, slower, earlier or later than the model allows."""

    @property
    def theta2(self) -> float:
        """Day on which half of the return is done; NaN where the model has none."""
        if self.model not in _RETURNS:
            return float("nan")
        own = self.parameters
        return own["theta"] + 2 * own["phi"] + 2 * own["phi2"] + own["rho"]

    def predict(self, day: Floats) -> Floats:
        """Net squared displacement in km² on each day; the first of them is the first of the track."""
        own = self.parameters
        if self.model is NsdModel.RESIDENT:
            return np.asarray(own["gamma"] * -np.expm1(own["kappa"] * (day - day[0])))
        if self.model is NsdModel.NOMAD:
            return np.asarray(own["beta"] * (day - day[0]))
        away = own["delta"] * _logistic(day, own["theta"], own["phi"])
        if self.model is NsdModel.DISPERSER:
            return away
        return away - own["delta"] * own.get("zeta", 1.0) * _logistic(day, self.theta2, own["phi2"])

    def dates(self, level: float = 0.05) -> tuple[tuple[float, float], ...]:
        """First and last day of each move: when `level` of it is done, and when all but `level` is.

        Moves overlap where the first ends after the second begins.
        """
        if self.model not in (NsdModel.DISPERSER, *_RETURNS):
            return ()
        half = float(np.log((1 - level) / level))
        moves = [(self.parameters["theta"], self.parameters["phi"])]
        if self.model in _RETURNS:
            moves.append((self.theta2, self.parameters["phi2"]))
        return tuple((middle - scale * half, middle + scale * half) for middle, scale in moves)


def fit_nsd_models(day: Floats, nsd_km2: Floats) -> tuple[NsdFit, ...]:
    """Fit the five models of net squared displacement by least squares within `BOUNDS`.

    Amplitudes (gamma, beta, delta, and delta with zeta) follow linearly from the rest. So the best starts are found
    by looking at every pair of moves on a grid of middles and scales, their amplitudes solved and held to their
    bounds; from the best, at least eight days apart, all parameters are then refined together. gamma lies between
    the least and the greatest displacement, delta between 0 and their difference.

    Parameters
    ----------
    day : (n,), ascending; decimal days from any origin, by which theta is bounded
    nsd_km2 : (n,), km², from the first position

    Returns
    -------
    The fits in the order of :class:`NsdModel`; models with more parameters than the days can carry are left out, and
    where all displacements are equal only the resident is fitted.

    Raises
    ------
    BadInput : arrays differ in length, a value is not finite, or days do not ascend

    References
    ----------
    Bunnefeld et al. (2011), Journal of Animal Ecology 80, doi:10.1111/j.1365-2656.2010.01776.x;
    Spitz, Hebblewhite and Stephenson (2017), Ecography 40, doi:10.1111/ecog.02587
    """
    day, nsd = np.asarray(day, dtype=np.float64), np.asarray(nsd_km2, dtype=np.float64)
    if day.shape != nsd.shape or day.ndim != 1 or not (np.isfinite(day).all() and np.isfinite(nsd).all()):
        raise BadInput("nsd-series", "Days and displacements are not two equally long rows of finite numbers.")
    if (np.diff(day) <= 0).any():
        raise BadInput("nsd-order", "The days do not ascend.", hint="Sort them and keep one position a time.")
    span = float(np.ptp(nsd)) if len(nsd) else 0.0
    if len(day) < 4 or span == 0:
        return (_resident(day, nsd),) if len(day) else ()
    fits = [_resident(day, nsd), _nomad(day, nsd), *_moving(day, nsd, span)]
    return tuple(fit for fit in fits if len(fit.parameters) + 2 < len(day))


def choose_nsd_model(
    fits: Sequence[NsdFit], *, cover_days: float = np.inf, min_cover_days: float = 240, margin: float = 2.0
) -> NsdFit:
    """The model to believe: of those within `margin` of the least AIC the one with the fewest parameters.

    A year of which less than `min_cover_days` were seen cannot show a return: migrant and mixed migrant are left out.
    """
    able = [fit for fit in fits if cover_days >= min_cover_days or fit.model not in _RETURNS]
    if not able:
        raise BadInput("nsd-models", "There is no model to choose from.")
    least = min(fit.aic for fit in able)
    return min((fit for fit in able if fit.aic <= least + margin), key=lambda fit: (len(fit.parameters), fit.aic))


def _logistic(day: Floats, middle: float, scale: float) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh((day - middle) / (2 * scale))))


def _fit(
    model: NsdModel, values: Sequence[float], rss: float, nsd: Floats, bounds: dict[str, tuple[float, float]]
) -> NsdFit:
    own = dict(zip(PARAMETERS[model], (float(value) for value in values), strict=True))
    at_bound = tuple(
        name
        for name, (low, high) in bounds.items()
        if name in own and min(own[name] - low, high - own[name]) <= 1e-6 * (high - low)
    )
    n = len(nsd)
    rss = max(rss, _PRECISION * n)
    aic = n * (float(np.log(2 * np.pi * rss / n)) + 1) + 2 * (len(own) + 1)
    return NsdFit(model, own, rss, aic, at_bound)


def _resident(day: Floats, nsd: Floats) -> NsdFit:
    low, high = float(nsd.min()), float(nsd.max())
    elapsed = day - day[0]
    kappas = -np.geomspace(-BOUNDS["kappa"][1], -BOUNDS["kappa"][0], 25)
    for _ in range(6):
        shapes = -np.expm1(kappas[:, None] * elapsed)
        norm = np.einsum("ij,ij->i", shapes, shapes)
        gammas = np.clip(shapes @ nsd / np.where(norm > 0, norm, 1.0), low, high)
        rss = ((gammas[:, None] * shapes - nsd) ** 2).sum(axis=1)
        best = int(rss.argmin())
        found = (gammas[best], kappas[best], rss[best])
        around = kappas[[max(best - 1, 0), min(best + 1, len(kappas) - 1)]]
        kappas = np.append(-np.geomspace(-around[0], -around[1], 14), kappas[best])
        kappas.sort()
        kappas = kappas[::-1]
    bounds = {"gamma": (low, high), "kappa": BOUNDS["kappa"]}
    return _fit(NsdModel.RESIDENT, found[:2], float(found[2]), nsd, bounds)


def _nomad(day: Floats, nsd: Floats) -> NsdFit:
    elapsed = day - day[0]
    beta = float(elapsed @ nsd / (elapsed @ elapsed))
    return _fit(NsdModel.NOMAD, [beta], float(((beta * elapsed - nsd) ** 2).sum()), nsd, {})


def _moving(day: Floats, nsd: Floats, span: float) -> list[NsdFit]:
    # All in units of the span, so that no parameter is a million times another.
    scaled = nsd / span
    names = PARAMETERS[NsdModel.MIXED]
    box = {**BOUNDS, "delta": (0.0, 1.0)}
    low, high = (np.array([box[name][side] for name in names]) for side in (0, 1))
    grid = _Grid.over(day, scaled)
    fits = []
    for model, starts in grid.starts().items():
        free = len(PARAMETERS[model])
        own_low, own_high = low, high
        if model is not NsdModel.MIXED:
            own_low, own_high = (np.append(side[:5], 1.0) for side in (low, high))
        found = [fit_moves(start, free, own_low, own_high, day, scaled) for start in starts]
        if not found:
            continue
        values, rss = min(found, key=lambda each: each[1])
        values = values * np.where(np.array(names) == "delta", span, 1.0)
        bounds = {**BOUNDS, "delta": (0.0, span)}
        fits.append(_fit(model, values[:free].tolist(), rss * span**2, nsd, bounds))
    return fits


@dataclass(frozen=True)
class _Grid:
    """Moves to start from, one a row: their middles and scales, products with the data and with each other."""

    middle: Floats
    scale: Floats
    along: Floats
    cross: Floats

    @classmethod
    def over(cls, day: Floats, scaled: Floats) -> "_Grid":
        low, high = max(day[0], BOUNDS["theta"][0]), min(day[-1], BOUNDS["theta"][1])
        rows = [(middle, scale) for scale, step in _GRID for middle in np.arange(low, max(high, low) + step, step)]
        middle, scale = np.array(rows).T
        curves = 0.5 * (1 + np.tanh((day - middle[:, None]) / (2 * scale[:, None])))
        return cls(middle, scale, curves @ scaled, curves @ curves.T)

    def starts(self) -> dict[NsdModel, list[Floats]]:
        """The best starts of each model: theta, phi, delta, rho, phi2, zeta."""
        norm = np.diag(self.cross)
        delta = np.clip(self.along / np.maximum(norm, _PRECISION), 0, 1)
        once = delta * (2 * self.along - delta * norm)
        starts: dict[NsdModel, list[Floats]] = {NsdModel.DISPERSER: []}
        for _ in range(_STARTS):
            best = int(once.argmax())
            if not np.isfinite(once[best]):
                break
            starts[NsdModel.DISPERSER].append(np.array([self.middle[best], self.scale[best], delta[best], 1, 1, 1.0]))
            once = np.where(np.abs(self.middle - self.middle[best]) < _APART_DAYS, -np.inf, once)
        for model in _RETURNS:
            zetas = BOUNDS["zeta"] if model is NsdModel.MIXED else (1.0, 1.0)
            pairs = best_pairs(self.middle, self.scale, self.along, self.cross, *zetas, _STARTS, _APART_DAYS)
            starts[model] = list(pairs)
        return starts
