"""The utilisation distribution: where an animal's time went, as mass on the cells of a grid."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from wildways import __version__
from wildways.model.errors import BadInput
from wildways.movement.data_arrays import raster_to_xarray
from wildways.movement.grid import Grid

if TYPE_CHECKING:
    from xarray import DataArray

Parameter = float | int | str | bool | None
_Scalar = TypeVar("_Scalar", bound=np.generic)


class Remark(NamedTuple):
    """Something to know about a result: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, eq=False)
class UtilisationDistribution:
    """Mass per cell on a window of a grid.

    Mass, not density: divide by ``grid.cell_area_m2`` for density in 1/m².

    Parameters
    ----------
    grid : the window, usually the smallest that holds the mass
    mass : shape ``grid.shape``, float64, zero or more, sums to 1; kept read-only
    method : name of the method
    parameters : every parameter with its value
    n_fixes : fixes it was computed from
    represented_s : seconds that the mass stands for
    mass_outside : share that fell outside the grid asked for, before the rest was scaled to 1
    motion_variance_m2_per_s : of the Brownian motion, where there is one for the whole track
    mass_masked : share of the mass that `restrict_to` took away, before the rest was scaled to 1
    input_hash : of the fixes and the grid's CRS, see `hash_input`
    code_version : of Wildways
    remarks : what a reader of the map should know

    Raises
    ------
    BadInput : ``mass-shape``, ``mass-values`` (negative, not finite), ``mass-sum`` (not 1)
    """

    grid: Grid
    mass: NDArray[np.float64]
    method: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    n_fixes: int = 0
    represented_s: float = 0.0
    mass_outside: float = 0.0
    motion_variance_m2_per_s: float | None = None
    mass_masked: float = 0.0
    input_hash: str = ""
    code_version: str = __version__
    remarks: tuple[Remark, ...] = ()

    quantity: ClassVar[str] = "mass per cell"

    def __post_init__(self) -> None:
        mass = np.ascontiguousarray(self.mass, dtype=np.float64).view()
        if mass.shape != self.grid.shape:
            raise BadInput("mass-shape", f"The mass has shape {mass.shape}, its grid {self.grid.shape}.")
        total, least = float(mass.sum()), float(mass.min())
        if not np.isfinite(total) or least < 0:
            raise BadInput("mass-values", f"Mass must be finite and not negative; the least is {least}.")
        if abs(total - 1) > 1e-6:
            raise BadInput("mass-sum", f"The mass sums to {total}, not to 1.", hint="Divide it by its sum.")
        mass.flags.writeable = False
        object.__setattr__(self, "mass", mass)
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    @property
    def density_per_m2(self) -> NDArray[np.float64]:
        """Probability density, 1/m², shape ``grid.shape``."""
        return self.mass / self.grid.cell_area_m2

    def with_mass(self, mass: NDArray[np.float64]) -> "UtilisationDistribution":
        """The same distribution with other mass on the same cells, scaled to sum 1 and cut to where it is not zero."""
        grid, mass = smallest_window(self.grid, mass)
        return replace(self, grid=grid, mass=mass / mass.sum())

    def to_xarray(self) -> "DataArray":
        """The mass with its coordinates and CRS, and everything else as attributes: see `raster_to_xarray`.

        Parameters of the method are ``parameter_…``; what is not known is left out.

        Raises
        ------
        NotFound : ``xarray-missing``
        """
        about = {
            "long_name": self.quantity,
            "units": "1",
            "method": self.method,
            **{f"parameter_{name}": value for name, value in self.parameters.items()},
            "n_fixes": self.n_fixes,
            "represented_s": self.represented_s,
            "mass_outside": self.mass_outside,
            "mass_masked": self.mass_masked,
            "motion_variance_m2_per_s": self.motion_variance_m2_per_s,
            "input_hash": self.input_hash,
            "code_version": self.code_version,
            "remarks": " ".join(f"{remark.code}: {remark.message}" for remark in self.remarks),
        }
        return raster_to_xarray(self.mass, self.grid, name="mass", attributes=about)


def scaled_distribution(
    grid: Grid, mass: NDArray[np.float64], *, method: str, parameters: Mapping[str, Parameter], **about: Any
) -> UtilisationDistribution:
    """The distribution of unscaled mass: cut to the smallest window that holds it, divided by its sum.

    Parameters
    ----------
    grid, mass : a window and what lies on it, zero or more
    method, parameters, about : as in `UtilisationDistribution`; the cell is added to the parameters

    Raises
    ------
    BadInput : ``mass-none``
    """
    window, mass = smallest_window(grid, mass)
    parameters = {**parameters, "cell_m": grid.cell_m}
    return UtilisationDistribution(window, mass / mass.sum(), method, parameters, **about)


def hash_input(grid: Grid, *columns: NDArray[np.float64]) -> str:
    """SHA-256 of arrays and of the CRS they lie in, hexadecimal."""
    digest = hashlib.sha256(grid.crs.srs.encode())
    for column in columns:
        digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
    return digest.hexdigest()


def smallest_window(grid: Grid, values: NDArray[_Scalar]) -> tuple[Grid, NDArray[_Scalar]]:
    """The smallest window that holds every cell that is not zero, with a view of its values.

    Raises
    ------
    BadInput : ``mass-none``, every cell is zero
    """
    used = values.astype(np.bool_)
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    if rows.size == 0:
        raise BadInput("mass-none", "No mass lies on the grid.", hint="Does the grid cover the track, in the same CRS?")
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return grid.window(top, left, bottom - top, right - left), values[top:bottom, left:right]
