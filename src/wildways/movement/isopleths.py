"""Volume isopleths: the fewest cells that hold a given share of a distribution."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wildways.model.errors import BadInput
from wildways.movement.distribution import UtilisationDistribution, smallest_window
from wildways.movement.grid import Grid

IsoplethCompat = Literal["MAPP"] | None
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Footprint:
    """The cells of a window that an animal used: `mask` of shape ``grid.shape``, bool."""

    grid: Grid
    mask: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.mask.shape != self.grid.shape or self.mask.dtype != np.bool_:
            raise BadInput(
                "footprint-shape",
                f"The mask is {self.mask.dtype} of shape {self.mask.shape}; its grid has shape {self.grid.shape}.",
                hint="Give a boolean mask on its grid.",
            )

    @property
    def area_m2(self) -> float:
        """Area of the cells, square metres."""
        return int(self.mask.sum()) * self.grid.cell_area_m2


def volume_isopleth(mass: NDArray[np.floating], level: float, *, compat: IsoplethCompat = None) -> NDArray[np.bool_]:
    """The fewest cells, heaviest first, that hold at least the share `level` of the mass.

    The cell that crosses the level is included; the level counts as reached within one part in 10¹². Cells of equal
    mass are taken in row-major order. Cells without mass are never included.

    Parameters
    ----------
    mass : any shape, zero or more, not all zero
    level : above 0, at most 1
    compat : ``"MAPP"`` gives the footprint of Migration Mapper 3, which leaves out the crossing cell and its equals

    Returns
    -------
    Boolean mask of the mass's shape.

    Raises
    ------
    BadInput : ``isopleth-level``, ``mass-values``, ``mass-none``
    """
    if not 0 < level <= 1:
        raise BadInput(
            "isopleth-level", f"The level is {level}; it must be above 0 and at most 1.", hint="95 % is 0.95."
        )
    flat = np.asarray(mass, dtype=np.float64).ravel()
    if not np.isfinite(flat).all() or (flat < 0).any():
        raise BadInput("mass-values", "Mass must be finite and not negative.")
    used = np.flatnonzero(flat)
    if used.size == 0:
        raise BadInput("mass-none", "There is no mass to take a share of.")
    heaviest_first = used[np.argsort(-flat[used], kind="stable")]
    held = np.cumsum(flat[heaviest_first])
    crossing = int(np.searchsorted(held, held[-1] * level * (1 - _ROUNDING)))
    if compat == "MAPP":
        mask = np.asarray(flat > flat[heaviest_first[crossing]])
    else:
        mask = np.zeros(flat.size, dtype=np.bool_)
        mask[heaviest_first[: crossing + 1]] = True
    return mask.reshape(np.shape(mass))


def isopleth_area(ud: UtilisationDistribution, level: float) -> float:
    """Area of a volume isopleth, square metres: its cells, not a polygon around them."""
    return int(volume_isopleth(ud.mass, level).sum()) * ud.grid.cell_area_m2


def trim_to_volume(ud: UtilisationDistribution, level: float = 0.9999) -> UtilisationDistribution:
    """The distribution without the cells outside its volume isopleth, scaled to sum 1, on the smaller window."""
    return ud.with_mass(np.where(volume_isopleth(ud.mass, level), ud.mass, 0.0))


def footprint_of(ud: UtilisationDistribution, level: float = 0.99, *, compat: IsoplethCompat = None) -> Footprint:
    """The cells of a distribution's volume isopleth, on the smallest window that holds them."""
    mask = volume_isopleth(ud.mass, level, compat=compat)
    if not mask.any():
        return Footprint(ud.grid, mask)
    grid, mask = smallest_window(ud.grid, mask)
    return Footprint(grid, mask)
