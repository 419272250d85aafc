"""Tracks on a plane: for each animal, or sequence, the arrays that the methods of distributions take."""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Several
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from wildways.model.errors import BadInput
from wildways.movement.fixes import animal_bounds, epoch_seconds
from wildways.movement.grid import Grid
from wildways.movement.projection import choose_crs, project
from wildways.movement.sequences import Sequence

Floats = NDArray[np.float64]


class PlaneTrack(NamedTuple):
    """One track: arrays of shape (n,), metres and seconds since 1970-01-01 UTC, in time order.

    ``brownian_bridge(*track, grid=grid)`` takes it as it is, ``kernel_density(*track[:2], grid=grid)`` its positions.
    """

    x_m: Floats
    y_m: Floats
    time_s: Floats


@dataclass(frozen=True, eq=False)
class PlaneTracks(Mapping[str, PlaneTrack]):
    """Tracks on one plane, by name: of animals, or of sequences.

    Parameters
    ----------
    crs : of the plane, metres
    tracks : by name
    animal_of : the animal of each name
    """

    crs: CRS
    tracks: Mapping[str, PlaneTrack]
    animal_of: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tracks", MappingProxyType(dict(self.tracks)))
        object.__setattr__(self, "animal_of", MappingProxyType(dict(self.animal_of)))

    def __getitem__(self, name: str) -> PlaneTrack:
        return self.tracks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tracks)

    def __len__(self) -> int:
        return len(self.tracks)

    def by_animal(self) -> dict[str, list[PlaneTrack]]:
        """The tracks of each animal, in their order."""
        animals: dict[str, list[PlaneTrack]] = {}
        for name, track in self.tracks.items():
            animals.setdefault(self.animal_of.get(name, name), []).append(track)
        return animals

    def grid(self, cell_m: float, *, margin_m: float | None = None) -> Grid:
        """The grid that holds all tracks, aligned with others of the same plane and cell.

        Parameters
        ----------
        cell_m : edge of a cell, metres
        margin_m : beyond the outermost positions, metres; 20 cells where not given. Mass beyond the grid is left out
            and reported by the methods as ``mass_outside``

        Raises
        ------
        BadInput : as `Grid.covering`
        LimitReached : ``grid-too-large``
        """
        x, y = (np.concatenate([track[axis] for track in self.tracks.values()]) for axis in (0, 1))
        margin_m = 20 * cell_m if margin_m is None else margin_m
        return Grid.covering(x, y, crs=self.crs, cell_m=cell_m, margin_m=margin_m)


def project_tracks(fixes: pd.DataFrame | Several[Sequence], *, crs: CRS | str | int | None = None) -> PlaneTracks:
    """Bring tracks to a plane in metres.

    Parameters
    ----------
    fixes : one row a fix, sorted by ``animal_id`` then ``time_utc``, only usable ones: a track an animal; or the
        sequences of `cut_sequences`: a track a sequence
    crs : of the plane; by default equal-area, centred on the fixes (`choose_crs`)

    Raises
    ------
    BadInput : ``tracks-empty``, and what `animal_bounds`, `choose_crs` and `project` raise

    Examples
    --------
    >>> import pandas
    >>> fixes = pandas.DataFrame({"animal_id": "A", "longitude": [7.0, 7.1], "latitude": [46.0, 46.0]})
    >>> fixes["time_utc"] = pandas.to_datetime(["2024-05-01 00:00Z", "2024-05-01 06:00Z"])
    >>> tracks = project_tracks(fixes)
    >>> tracks["A"].time_s[1] - tracks["A"].time_s[0], tracks.grid(100).crs.is_projected
    (np.float64(21600.0), True)
    """
    if len(fixes) == 0:
        raise BadInput("tracks-empty", "There is no track to project.")
    parts = _of_frame(fixes) if isinstance(fixes, pd.DataFrame) else _of_sequences(fixes)
    longitude, latitude = (np.concatenate([part[axis] for part in parts]) for axis in (2, 3))
    plane = choose_crs(longitude, latitude) if crs is None else CRS.from_user_input(crs)
    tracks = {name: PlaneTrack(*project(lon, lat, plane), time_s) for name, _, lon, lat, time_s in parts}
    return PlaneTracks(plane, tracks, {name: animal for name, animal, *_ in parts})


_Part = tuple[str, str, Floats, Floats, Floats]


def _of_frame(fixes: pd.DataFrame) -> list[_Part]:
    bounds, time_s = animal_bounds(fixes), epoch_seconds(fixes)
    longitude, latitude = (fixes[name].to_numpy(np.float64) for name in ("longitude", "latitude"))
    names = [str(fixes["animal_id"].iloc[begin]) for begin in bounds[:-1]]
    rows = [slice(begin, end) for begin, end in pairwise(bounds.tolist())]
    return [(name, name, longitude[own], latitude[own], time_s[own]) for name, own in zip(names, rows, strict=True)]


def _of_sequences(sequences: Several[Sequence]) -> list[_Part]:
    return [(part.sequence_id, part.animal_id, part.longitude, part.latitude, part.time_s) for part in sequences]
