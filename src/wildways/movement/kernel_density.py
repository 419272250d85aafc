"""Kernel density: where an animal was seen, smoothed, as mass on a grid."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from wildways.model.errors import BadInput, LimitReached
from wildways.movement import _density_kernels as kernels
from wildways.movement.bandwidth import KernelName, least_squares_bandwidth, reference_bandwidth
from wildways.movement.bridge import MAX_WINDOW_CELLS
from wildways.movement.distribution import Remark, UtilisationDistribution, hash_input, scaled_distribution
from wildways.movement.grid import Grid, require_room
from wildways.movement.track import checked_points, require_compat, require_positive

Floats = NDArray[np.float64]
Bandwidth = Literal["reference", "lscv"] | float
KernelCompat = Literal["adehabitatHR"] | None

CUT_SIGMAS = 5.0
CUT_SIGMAS_ADEHABITAT = 4.0
MAX_SUMS = 20_000_000_000
_NARROW_CELLS = 1.0
_LEAST_CELLS_FOR_FFT = 2.0
_FFT_COST = 250.0
_FFT_NOISE = 1e-13


def kernel_density(
    x_m: ArrayLike,
    y_m: ArrayLike,
    *,
    grid: Grid,
    bandwidth_m: Bandwidth = "reference",
    kernel: KernelName = "gaussian",
    compat: KernelCompat = None,
) -> UtilisationDistribution:
    """Compute the utilisation distribution of points by a kernel of one width.

    The density is the mean over points of a kernel centred on each: Gaussian, ``exp(-d²/2h²) / 2πh²``, or
    Epanechnikov's, ``2 (1 - d²/h²) / πh²`` within h. The mass of a cell is its integral over the cell. Gaussians are
    cut at five standard deviations and scaled back to 1. Many wide ones are added as narrow ones, one cell wide, whose
    sum is then widened by fast Fourier transform, exact to one part in 10⁶; so the cost hardly grows with
    points or width.

    Every point counts the same. Thin fixes to regular times first, or places where fixes were taken often count more.

    Parameters
    ----------
    x_m, y_m : shape (n,), metres in the grid's CRS; any order
    grid : the cells to use; mass beyond it is left out and reported as ``mass_outside``
    bandwidth_m : h, metres; or ``"reference"`` (`reference_bandwidth`), or ``"lscv"`` (`least_squares_bandwidth`)
    kernel : ``"gaussian"`` or ``"epanechnikov"``
    compat : ``"adehabitatHR"`` gives what kernelUD of that package does: density at cell centres instead of cell
        integrals, Gaussians cut to a square of four bandwidths on each side. Its sum is not 1; ``mass_outside`` is what
        it lacks, and takes part in isopleths of the same compat

    Returns
    -------
    Mass on the smallest window of `grid` that holds it, sum 1.

    Raises
    ------
    BadInput : ``kernel-unknown``, ``bandwidth`` (no width, as all points are one), ``bandwidth-points`` (fewer than
        five and no width given), ``parameter``, ``mass-none``, ``compat-unknown``, and what `checked_points` raises
    LimitReached : ``grid-too-large``, ``kernel-sums``

    References
    ----------
    Worton (1989), Ecology 70:164, doi:10.2307/1938423. Silverman (1986), Density Estimation, Chapman & Hall.
    """
    require_compat(compat, "adehabitatHR")
    x, y = checked_points(x_m, y_m)
    width_m, remarks = _bandwidth(x, y, bandwidth_m, kernel)
    reach_m = width_m * (CUT_SIGMAS if kernel == "gaussian" else 1.0)
    window = grid.around(x, y, margin_m=reach_m + grid.cell_m)
    require_room(window.n_rows, window.n_columns, grid.cell_m, MAX_WINDOW_CELLS)
    row, column = (window.north_m - y) / grid.cell_m, (x - window.west_m) / grid.cell_m
    mass = _added(window.shape, row, column, width_m / grid.cell_m, kernel, compat)
    return scaled_distribution(
        window,
        mass,
        method="kernel-density",
        parameters={
            "kernel": kernel,
            "bandwidth_m": width_m,
            "bandwidth_rule": bandwidth_m if isinstance(bandwidth_m, str) else "given",
            "compat": compat,
        },
        n_fixes=x.size,
        mass_outside=_lacking(float(mass.sum()) / x.size, compat),
        input_hash=hash_input(grid, x, y),
        remarks=remarks + _remarks(width_m, grid),
    )


def _bandwidth(x: Floats, y: Floats, given: Bandwidth, kernel: KernelName) -> tuple[float, tuple[Remark, ...]]:
    if given == "reference":
        return reference_bandwidth(x, y, kernel=kernel), ()
    if kernel not in ("gaussian", "epanechnikov"):
        raise BadInput("kernel-unknown", f"There is no kernel “{kernel}”.", hint="Known: gaussian, epanechnikov.")
    if given == "lscv":
        found = least_squares_bandwidth(x, y)
        return found.bandwidth_m, found.remarks
    if isinstance(given, str):
        raise BadInput("parameter", f"bandwidth_m is “{given}”.", hint="Give metres, “reference” or “lscv”.")
    return require_positive("bandwidth_m", given), ()


def _remarks(width_m: float, grid: Grid) -> tuple[Remark, ...]:
    if width_m >= grid.cell_m / 2:
        return ()
    message = (
        f"Cells of {grid.cell_m:g} m are more than twice the bandwidth, {width_m:.0f} m: areas are those of cells."
    )
    return (Remark("cell-coarse", message),)


def _lacking(total: float, compat: KernelCompat) -> float:
    return 1 - total if compat else max(0.0, 1 - total) if total < 1 - 1e-9 else 0.0


def _added(
    shape: tuple[int, int], row: Floats, column: Floats, width: float, kernel: KernelName, compat: KernelCompat
) -> Floats:
    """Sum of the kernels of all points on cells 0…shape, not scaled; everything in cells."""
    mass = np.zeros(shape)
    reach = min(width * (CUT_SIGMAS if kernel == "gaussian" else 1.0), max(shape))
    sums = row.size * (2 * reach + 2) ** 2
    if kernel == "gaussian" and compat is None and width >= _LEAST_CELLS_FOR_FFT:
        padded = [fft.next_fast_len(n + 2 * math.ceil(reach), real=True) for n in shape]
        if sums > _FFT_COST * math.prod(padded):
            return _widened(shape, row, column, width, padded)
    if sums > MAX_SUMS:
        raise LimitReached(
            "kernel-sums",
            f"{row.size:,} points with kernels of {(2 * reach + 2) ** 2:,.0f} cells are {sums:.1e} sums, more than "
            f"the {MAX_SUMS:.0e} that are allowed.",
            hint="Use larger cells, or the Gaussian kernel.",
        )
    if kernel == "gaussian" and compat is None:
        kernels.add_gaussians(mass, row, column, width, CUT_SIGMAS)
    elif kernel == "gaussian":
        kernels.add_centre_gaussians(mass, row, column, width, CUT_SIGMAS_ADEHABITAT)
    elif compat is None:
        kernels.add_epanechnikovs(mass, row, column, width)
    else:
        kernels.add_centre_epanechnikovs(mass, row, column, width)
    return mass


def _widened(shape: tuple[int, int], row: Floats, column: Floats, width: float, padded: list[int]) -> Floats:
    """Narrow Gaussians, exactly integrated, convolved with the Gaussian that makes them as wide as they shall be."""
    mass = np.zeros(shape)
    kernels.add_gaussians(mass, row, column, _NARROW_CELLS, CUT_SIGMAS)
    rest = math.sqrt(width * width - _NARROW_CELLS * _NARROW_CELLS)
    by_row, by_column = (_gaussian_spectrum(n, rest) for n in padded)
    spectrum = fft.rfft2(mass, s=padded)
    spectrum *= by_row[:, None]
    spectrum *= by_column[None, : spectrum.shape[1]]
    wide = fft.irfft2(spectrum, s=padded, overwrite_x=True)[: shape[0], : shape[1]]
    return np.where(wide > wide.max() * _FFT_NOISE, wide, 0.0)


def _gaussian_spectrum(n: int, sigma: float) -> Floats:
    """Transform of a Gaussian on n cells around 0, cut and scaled to 1; real, as it is symmetric."""
    offset = np.minimum(np.arange(n), n - np.arange(n)).astype(np.float64)
    bell = np.where(offset <= CUT_SIGMAS * sigma, np.exp(-0.5 * (offset / sigma) ** 2), 0.0)
    return np.asarray(fft.fft(bell / bell.sum()).real)
