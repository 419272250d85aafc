"""Which kind of tag a fix is from: GPS, Argos or light. Each errs in its own way."""

from enum import StrEnum
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wildways.movement.argos import normal_classes

Kinds = NDArray[np.int8]


class Sensor(StrEnum):
    """Kind of tag, by how wrong its positions are."""

    GPS = "gps"
    """Right within metres, or tens of them."""
    ARGOS = "argos"
    """By Doppler shift: right within hundreds of metres to tens of kilometres."""
    GEOLOCATOR = "geolocator"
    """By light: right within a hundred kilometres or two."""


GPS, ARGOS, GEOLOCATOR = range(len(Sensor))
"""The same as numbers."""

_LIGHT = ("geolocator", "light", "gls", "solar")


def sensors_of(fixes: pd.DataFrame) -> Kinds | None:
    """The kind of tag of each fix; None where all are GPS.

    A fix is from Argos where it has a location class other than G, where ``sensor_type`` says so, or where it has an
    error ellipse and no sensor type; from light where ``sensor_type`` says geolocator, light or GLS; else from GPS.

    Parameters
    ----------
    fixes : with ``location_class``, ``sensor_type``, ``semi_major_m`` where the source gives them
    """
    kinds = np.full(len(fixes), GPS, dtype=np.int8)
    is_named = np.zeros(len(fixes), dtype=bool)
    if "sensor_type" in fixes:
        codes, names = pd.factorize(fixes["sensor_type"])
        of_name = np.array([_kind(str(name)) for name in names] + [GPS], dtype=np.int8)
        kinds, is_named = of_name[codes], codes >= 0
    if "semi_major_m" in fixes:
        has_ellipse = (fixes["semi_major_m"] > 0).fillna(False).to_numpy(dtype=bool)
        kinds[has_ellipse & ~is_named] = ARGOS
    if "location_class" in fixes:
        classes = normal_classes(fixes["location_class"])
        kinds[(classes != "") & (classes != "G")] = ARGOS
        kinds[classes == "G"] = GPS
    return kinds if kinds.any() else None


def sensor_of_animals(kinds: Kinds | None, bounds: NDArray[np.int64]) -> Kinds:
    """The kind that most fixes of each animal are of; of equally many, the finer one."""
    if kinds is None:
        return np.full(len(bounds) - 1, GPS, dtype=np.int8)
    counts = [np.bincount(kinds[begin:end], minlength=3) for begin, end in pairwise(bounds)]
    return np.array([int(np.argmax(count)) for count in counts], dtype=np.int8)


def _kind(name: str) -> int:
    lower = name.lower()
    if "argos" in lower:
        return ARGOS
    return GEOLOCATOR if any(word in lower for word in _LIGHT) else GPS
