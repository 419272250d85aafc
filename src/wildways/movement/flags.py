"""What is known against a fix: one bit a rule, and nothing is ever deleted."""

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.uint32]


class QualityFlag(IntFlag):
    """What is known against a fix."""

    MARKED_OUTLIER = 1
    """Marked as outlier in the source, by Movebank's rules."""
    DUPLICATE_TIME = 2
    """The animal has another fix at the same time, and that one is kept."""
    SPIKE = 4
    """Reached and left faster than the animal can move."""
    IMMOBILE = 8
    """Part of a long stay on one spot: resting, breeding, hibernating, or no longer alive. Usable."""
    AFTER_END = 16
    """Part of a long stay on one spot that lasts until the last fix: the animal died or lost its tag."""
    AFTER_GAP = 32
    """First fix after a long gap. Usable."""
    NEAR_DUPLICATE = 64
    """So soon after another fix of the animal that it adds nothing."""
    ZERO_POSITION = 128
    """At exactly 0, 0, where the animal never was: what tags write that have no position."""
    SWAPPED = 256
    """Unbelievable as it is, believable with longitude and latitude exchanged."""
    UNDEPLOYED = 512
    """Outside the times when the tag was on the animal."""
    SHARP_TURN = 1024
    """Tip of a sharp angle at high speed: flying birds do not turn back so. Usable, but suspect."""
    CLASS_INVALID = 2048
    """Argos location class Z: no position."""
    SPEED = 4096
    """Faster than the animal can move, by the speeds from and to two fixes on each side (Argos, light)."""
    ANGLE = 8192
    """Tip of a spike too sharp and too long (Argos)."""
    LOOP = 16384
    """Out and back at once and fast, as turtles do not swim. Usable, but suspect."""
    LARGE_ERROR = 32768
    """Its error, as the source states it, is so large that it says nothing."""
    BAD_ELLIPSE = 65536
    """Its error ellipse contradicts itself; its location class is used instead. Usable."""
    LATITUDE_UNRELIABLE = 131072
    """From light, near an equinox: days are as long everywhere, so that light tells nothing of latitude."""
    MINOR_SENSOR = 262144
    """From Argos or light, of an animal that most fixes are from GPS of."""
    IN_GAP = 524288
    """Computed for a time within a long gap (smoothed positions only): it leans on the model, not on fixes."""


USABLE_FLAGS = (
    QualityFlag.IMMOBILE | QualityFlag.AFTER_GAP | QualityFlag.SHARP_TURN | QualityFlag.LOOP | QualityFlag.BAD_ELLIPSE
)
"""Flags that warn: a fix with no others is used."""
UNUSABLE = QualityFlag(sum(QualityFlag)) & ~USABLE_FLAGS


def usable(flags: Flags) -> NDArray[np.bool_]:
    """Whether each fix may be used as a position of a living, moving animal."""
    return np.asarray((flags & np.uint32(UNUSABLE)) == 0)


def flag_name(flag: QualityFlag) -> str:
    """Name of a single flag as tables have it: in lower case."""
    return str(flag.name).lower()


def flag_counts(flags: Flags) -> dict[str, int]:
    """How many fixes carry each flag, by its name in lower case, and how many are usable."""
    counts = {flag_name(flag): int(np.count_nonzero(flags & np.uint32(flag))) for flag in QualityFlag}
    return {**counts, "usable": int(usable(flags).sum())}
