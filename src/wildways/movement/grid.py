"""The grids that distributions lie on: square cells in metres, north up, row 0 the northernmost."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike
from pyproj import CRS

from wildways.model.errors import BadInput, LimitReached

MAX_CELLS = 100_000_000
"""More cells than this and a grid is refused: an accumulator would not fit into ordinary memory."""

_ALIGNED = 1e-6


@dataclass(frozen=True)
class Grid:
    """Square cells in a metric CRS.

    The cell at `row`, `column` starts ``cell_m * column`` east of `west_m` and ``cell_m * row`` south of `north_m`.
    A window is a grid too: the same cells, fewer of them.

    Parameters
    ----------
    crs : projected, axes in metres
    cell_m : edge of a cell, metres
    west_m, north_m : the outer corner of the cell at row 0, column 0; `covering` snaps it to multiples of the cell,
        but any corner is allowed
    n_columns, n_rows : at least 1 each

    Raises
    ------
    BadInput : ``crs-not-metric``, ``grid-cell`` (not a positive length), ``grid-corner``, ``grid-empty``
    LimitReached : ``grid-too-large``, more than `MAX_CELLS` cells
    """

    crs: CRS
    cell_m: float
    west_m: float
    north_m: float
    n_columns: int
    n_rows: int

    def __post_init__(self) -> None:
        _require_metres(self.crs)
        _require_cell(self.cell_m)
        if not (math.isfinite(self.west_m) and math.isfinite(self.north_m)):
            raise BadInput("grid-corner", f"The grid's corner is not finite: {self.west_m}, {self.north_m}.")
        if self.n_columns < 1 or self.n_rows < 1:
            raise BadInput("grid-empty", f"A grid of {self.n_rows} rows and {self.n_columns} columns holds no cell.")
        require_room(self.n_rows, self.n_columns, self.cell_m, MAX_CELLS)

    @classmethod
    def covering(
        cls, x_m: ArrayLike, y_m: ArrayLike, *, crs: CRS | str | int, cell_m: float, margin_m: float = 0.0
    ) -> "Grid":
        """The smallest grid with corners at multiples of the cell that holds all points and a margin around them.

        Grids made so align with each other whenever CRS and cell are the same.

        Parameters
        ----------
        x_m, y_m : shape (n,), metres in `crs`, at least one point
        crs : projected, axes in metres
        cell_m : edge of a cell, metres
        margin_m : added on each side before snapping, metres

        Raises
        ------
        BadInput : ``grid-points`` (none, or not finite), ``grid-margin`` and what the constructor raises
        LimitReached : ``grid-too-large``; the hint names a cell size that fits
        """
        crs = CRS.from_user_input(crs)
        _require_metres(crs)
        _require_cell(cell_m)
        west, south, east, north = _extent(x_m, y_m, margin_m)
        first_column, last_column = math.floor(west / cell_m), math.floor(east / cell_m)
        top, bottom = math.ceil(north / cell_m), math.ceil(south / cell_m) - 1
        return cls(crs, cell_m, first_column * cell_m, top * cell_m, last_column - first_column + 1, top - bottom)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.n_rows, self.n_columns

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.n_rows * self.n_columns

    @property
    def cell_area_m2(self) -> float:
        """Area of a cell, square metres in the CRS."""
        return self.cell_m * self.cell_m

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north, metres."""
        return (
            self.west_m,
            self.north_m - self.n_rows * self.cell_m,
            self.west_m + self.n_columns * self.cell_m,
            self.north_m,
        )

    @property
    def transform(self) -> Affine:
        """Column, row → x, y of a cell's north-western corner, as rasterio and GDAL use it."""
        return Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)

    def window(self, row: int, column: int, n_rows: int, n_columns: int) -> "Grid":
        """The part of this grid that starts at `row`, `column`; it may reach beyond this grid, on the same cells."""
        return replace(
            self,
            west_m=self.west_m + column * self.cell_m,
            north_m=self.north_m - row * self.cell_m,
            n_columns=n_columns,
            n_rows=n_rows,
        )

    def around(self, x_m: ArrayLike, y_m: ArrayLike, *, margin_m: float = 0.0) -> "Grid":
        """The smallest window of this grid that holds the points and a margin, cut at this grid's edges.

        Raises
        ------
        BadInput : ``grid-points``, ``grid-margin``, or ``grid-outside`` where the points lie wholly beside the grid
        """
        west, south, east, north = _extent(x_m, y_m, margin_m)
        first_column = max(0, math.floor((west - self.west_m) / self.cell_m))
        last_column = min(self.n_columns - 1, math.floor((east - self.west_m) / self.cell_m))
        first_row = max(0, math.floor((self.north_m - north) / self.cell_m))
        last_row = min(self.n_rows - 1, math.floor((self.north_m - south) / self.cell_m))
        if first_column > last_column or first_row > last_row:
            raise BadInput(
                "grid-outside",
                f"The points lie beside the grid: x {west:.0f}…{east:.0f}, y {south:.0f}…{north:.0f} m.",
                hint="Are points and grid in the same CRS?",
            )
        return self.window(first_row, first_column, last_row - first_row + 1, last_column - first_column + 1)

    def offset_of(self, other: "Grid") -> tuple[int, int]:
        """Row and column of this grid at which `other` starts; negative where it starts before.

        Raises
        ------
        BadInput : ``grid-misaligned``, the two do not share their cells
        """
        row, column = (self.north_m - other.north_m) / self.cell_m, (other.west_m - self.west_m) / self.cell_m
        off_cells = max(abs(row - round(row)), abs(column - round(column)))
        if self.cell_m != other.cell_m or self.crs != other.crs or off_cells > _ALIGNED:
            raise BadInput(
                "grid-misaligned",
                f"The grids do not share their cells: {_described(self)} against {_described(other)}.",
                hint="Compute all distributions on one grid, or on grids made by Grid.covering with the same cell.",
            )
        return round(row), round(column)

    def slices_of(self, other: "Grid") -> tuple[slice, slice]:
        """Rows and columns of this grid that `other` takes.

        Raises
        ------
        BadInput : ``grid-misaligned``, or ``grid-outside`` where `other` reaches beyond this grid
        """
        row, column = self.offset_of(other)
        if row < 0 or column < 0 or row + other.n_rows > self.n_rows or column + other.n_columns > self.n_columns:
            raise BadInput(
                "grid-outside",
                f"A window reaches beyond the grid: {_described(other)} against {_described(self)}.",
                hint="Give a grid that covers all tracks with their margins.",
            )
        return slice(row, row + other.n_rows), slice(column, column + other.n_columns)

    def union(self, other: "Grid") -> "Grid":
        """The smallest grid on the same cells that holds both.

        Raises
        ------
        BadInput : ``grid-misaligned``
        """
        row, column = self.offset_of(other)
        top, left = min(0, row), min(0, column)
        bottom, right = max(self.n_rows, row + other.n_rows), max(self.n_columns, column + other.n_columns)
        return self.window(top, left, bottom - top, right - left)


def require_room(n_rows: int, n_columns: int, cell_m: float, max_cells: int) -> None:
    """Refuse more than `max_cells` cells.

    Raises
    ------
    LimitReached : ``grid-too-large``; the hint names a cell size that fits
    """
    if n_rows * n_columns > max_cells:
        enough = float(f"{cell_m * math.sqrt(n_rows * n_columns / max_cells) * 1.05:.2g}")
        raise LimitReached(
            "grid-too-large",
            f"{n_rows:,} × {n_columns:,} cells of {cell_m:g} m are more than the {max_cells:,} that are allowed.",
            hint=f"Use larger cells, for example {enough:g} m, or cut the area.",
        )


def _require_metres(crs: CRS) -> None:
    in_metres = crs.is_projected and all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])
    if not in_metres:
        raise BadInput(
            "crs-not-metric",
            f"Grids need a projected CRS in metres; this is “{crs.name}”.",
            hint="Project the fixes first, for example to an equal-area CRS centred on them.",
        )


def _require_cell(cell_m: float) -> None:
    if not (math.isfinite(cell_m) and cell_m > 0):
        raise BadInput("grid-cell", f"A cell of {cell_m} m has no area.", hint="Give the cell's edge in metres.")


def _extent(x_m: ArrayLike, y_m: ArrayLike, margin_m: float) -> tuple[float, float, float, float]:
    x: np.ndarray[Any, np.dtype[np.float64]] = np.asarray(x_m, dtype=np.float64)
    y: np.ndarray[Any, np.dtype[np.float64]] = np.asarray(y_m, dtype=np.float64)
    if x.size == 0 or x.size != y.size or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadInput("grid-points", f"A grid needs finite points; there are {x.size} x and {y.size} y.")
    if not (math.isfinite(margin_m) and margin_m >= 0):
        raise BadInput("grid-margin", f"The margin is {margin_m} m; it must be zero or more.")
    return float(x.min()) - margin_m, float(y.min()) - margin_m, float(x.max()) + margin_m, float(y.max()) + margin_m


def _described(grid: Grid) -> str:
    return (
        f"{grid.n_rows} × {grid.n_columns} cells of {grid.cell_m:g} m from {grid.west_m:.3f}, {grid.north_m:.3f} "
        f"({grid.crs.name})"
    )
