"""How wrong an Argos position is: location classes and error ellipses as covariances in metres."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from wildways.model.errors import BadInput
from wildways.movement.track import require_positive

Floats = NDArray[np.float64]
Classes = NDArray[np.str_]

LOCATION_CLASSES = ("G", "3", "2", "1", "0", "A", "B", "Z")
"""Best first. G is a GPS position sent through Argos, Z an invalid one."""
CLASS_3_SD_M = 250.0
"""Standard deviation along each axis that class 3 is given: its nominal radius, on the safe side."""


@dataclass(frozen=True)
class ClassError:
    """What is known of the error of a location class; NaN where nothing is."""

    nominal_radius_m: float
    """Radius that holds 68 % of positions, by the operator's word; its upper bound where that is a range."""
    factor_x: float
    """Standard deviation from west to east, as a multiple of that of class 3."""
    factor_y: float
    """Standard deviation from south to north, as a multiple of that of class 3."""


def normal_classes(location_class: ArrayLike) -> Classes:
    """Location classes as they are written in `LOCATION_CLASSES`, empty where missing.

    Lower case, blanks around, numbers (3, 3.0) and the numeric codes of the R package argosfilter for A, B and Z (-1,
    -2, -9) are understood.

    Raises
    ------
    BadInput : ``argos-class``, what is given is no location class
    """
    places, values = pd.factorize(np.atleast_1d(np.asarray(location_class, dtype=object)), use_na_sentinel=False)
    return np.array([_normal_class(str(value)) for value in values], dtype="U1")[places]


def class_rank(location_class: ArrayLike) -> NDArray[np.int64]:
    """Rank of each location class: 1 for the best, 9 where there is none; to keep the best of several fixes."""
    ranks = {name: rank for rank, name in enumerate(LOCATION_CLASSES, 1)}
    return _by_class(location_class, ranks, len(ranks) + 1).astype(np.int64)


def nominal_radius_m(location_class: ArrayLike) -> Floats:
    """Radius in metres that holds 68 % of the positions of a class, by the word of the operator of Argos.

    250 m for class 3, 500 m for 2, 1500 m for 1 (upper bounds), 100 m for G. NaN for 0, where it is more than 1500 m,
    for A and B, of which nothing is said, for Z and where there is no class.

    References
    ----------
    CLS, Argos User's Manual: location classes of least-squares and Kalman filter processing.
    """
    return _by_class(location_class, {name: error.nominal_radius_m for name, error in class_errors().items()}, np.nan)


def position_covariance(
    location_class: ArrayLike,
    semi_major_m: ArrayLike | None = None,
    semi_minor_m: ArrayLike | None = None,
    orientation_deg: ArrayLike | None = None,
    *,
    class_3_sd_m: float = CLASS_3_SD_M,
) -> Floats:
    """Covariance matrices of the errors of Argos positions.

    Of the error ellipse, where there is one: with semi-axes ``M`` and ``m`` and the major axis turned by ``c`` from
    north to east, ``var_x = (M² sin² c + m² cos² c) / 2``, ``var_y = (M² cos² c + m² sin² c) / 2`` and
    ``cov = (M² - m²) / 2 · sin c cos c``; the half because the axes are √2 standard deviations. Else of the class:
    `class_3_sd_m` times the factors of the class along each axis, which is also the way out where an axis is missing,
    zero or negative or the orientation is missing. Class Z has infinite variances, ellipse or not, and so has a fix
    with neither class nor ellipse: such a fix says nothing of the position.

    Parameters
    ----------
    location_class : shape (n,), see `normal_classes`
    semi_major_m, semi_minor_m : shape (n,), metres, NaN where missing
    orientation_deg : shape (n,), degrees clockwise from north
    class_3_sd_m : standard deviation of class 3 along each axis, metres

    Returns
    -------
    float64, shape (n, 2, 2), m²: east and north, in that order.

    Raises
    ------
    BadInput : ``argos-class``; ``argos-shape``, the arrays differ in length; ``parameter``

    References
    ----------
    McClintock et al. (2015), Methods in Ecology and Evolution 6:266, doi:10.1111/2041-210X.12311 (ellipses).
    Jonsen et al. (2020), Movement Ecology 8:31, doi:10.1186/s40462-020-00217-7 (factors).
    """
    classes = normal_classes(location_class)
    covariance = _class_covariance(classes, require_positive("class_3_sd_m", class_3_sd_m))
    major, minor, turn = (_axis(values, classes.size) for values in (semi_major_m, semi_minor_m, orientation_deg))
    usable = (major > 0) & (minor > 0) & np.isfinite(major * minor * turn) & (classes != "Z")
    covariance[usable] = _ellipse_covariance(major[usable], minor[usable], np.radians(turn[usable]))
    return covariance


@cache
def class_errors() -> dict[str, ClassError]:
    """The table of location classes, ``data/argos_classes.csv``, best first."""
    text = files("wildways.movement").joinpath("data/argos_classes.csv").read_text(encoding="utf-8")
    return {
        row["location_class"]: ClassError(
            *(float(row[name] or "nan") for name in ("nominal_radius_m", "factor_x", "factor_y"))
        )
        for row in csv.DictReader(text.splitlines())
    }


_MISSING = ("", "NAN", "NONE", "NA", "<NA>")
_CODES = {"-1": "A", "-2": "B", "-9": "Z"}


def _normal_class(value: str) -> str:
    name = value.strip().upper().removesuffix(".0")
    name = _CODES.get(name, name)
    if name in _MISSING:
        return ""
    if name not in LOCATION_CLASSES:
        raise BadInput(
            "argos-class", f"“{value}” is no Argos location class.", hint=f"Known: {', '.join(LOCATION_CLASSES)}."
        )
    return name


def _by_class(location_class: ArrayLike, values: dict[str, float] | dict[str, int], missing: float) -> Floats:
    classes = normal_classes(location_class)
    found = np.full(classes.shape, missing, dtype=np.float64)
    for name, value in values.items():
        found[classes == name] = value
    return found


def _class_covariance(classes: Classes, class_3_sd_m: float) -> Floats:
    errors = class_errors()
    covariance = np.zeros((classes.size, 2, 2))
    for axis, factors in enumerate(("factor_x", "factor_y")):
        factor = _by_class(classes, {name: getattr(error, factors) for name, error in errors.items()}, np.nan)
        covariance[:, axis, axis] = np.where(np.isnan(factor), np.inf, (class_3_sd_m * factor) ** 2)
    return covariance


def _ellipse_covariance(major: Floats, minor: Floats, turn: Floats) -> Floats:
    sine, cosine = np.sin(turn), np.cos(turn)
    covariance = np.empty((major.size, 2, 2))
    covariance[:, 0, 0] = ((major * sine) ** 2 + (minor * cosine) ** 2) / 2
    covariance[:, 1, 1] = ((major * cosine) ** 2 + (minor * sine) ** 2) / 2
    covariance[:, 0, 1] = covariance[:, 1, 0] = (major**2 - minor**2) / 2 * sine * cosine
    return covariance


def _axis(values: ArrayLike | None, n: int) -> Floats:
    if values is None:
        return np.full(n, np.nan)
    axis = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if axis.shape != (n,):
        raise BadInput("argos-shape", f"There are {n} location classes and {axis.size} values of the ellipse.")
    return axis
