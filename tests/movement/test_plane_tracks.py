"""Tracks on a plane, as the methods take them."""

import numpy as np
import pandas as pd
import pytest

from tests.movement.frames import fix_frame, no_fixes
from wildways.model import BadInput
from wildways.movement import Sequence, brownian_bridge, kernel_density, project, project_tracks

FIXES = pd.concat(
    [
        fix_frame(7 + 0.001 * np.arange(9), np.full(9, 46.0), animal="a"),
        fix_frame(np.full(6, 7.1), 46 + 0.001 * np.arange(6), animal="b"),
    ],
    ignore_index=True,
)


def test_each_animal_has_a_track_that_the_methods_take() -> None:
    tracks = project_tracks(FIXES)
    grid = tracks.grid(100)
    assert list(tracks) == ["a", "b"]
    assert tracks["b"].time_s.shape == (6,)
    assert brownian_bridge(*tracks["a"], grid=grid).mass_outside < 0.01
    assert kernel_density(*tracks["b"][:2], grid=grid, bandwidth_m=200).n_fixes == 6
    assert {name: track.x_m.size for name, track in tracks.items()} == {"a": 9, "b": 6}
    assert tracks.get("c") is None


def test_the_plane_can_be_chosen() -> None:
    tracks = project_tracks(FIXES, crs="EPSG:32632")
    x, y = project(7.1, 46.0, tracks.crs)
    assert tracks.crs.to_epsg() == 32632
    assert (tracks["b"].x_m[0], tracks["b"].y_m[0]) == pytest.approx((float(x), float(y)))


def test_grids_of_one_plane_align() -> None:
    first, second = project_tracks(FIXES, crs=32632), project_tracks(FIXES[FIXES["animal_id"] == "b"], crs=32632)
    first.grid(250).slices_of(second.grid(250))
    assert first.grid(250, margin_m=0).n_cells < first.grid(250).n_cells


def test_sequences_are_tracks_of_their_animals() -> None:
    parts = [
        Sequence(f"b_{year}_spring", "b", year, "spring", year + np.arange(4.0), np.full(4, 7.0), np.full(4, 46.0))
        for year in (2020, 2021)
    ]
    tracks = project_tracks(parts)
    assert list(tracks) == ["b_2020_spring", "b_2021_spring"]
    assert [move.time_s[0] for move in tracks.by_animal()["b"]] == [2020, 2021]


@pytest.mark.parametrize("nothing", [no_fixes(), []], ids=["frame", "sequences"])
def test_without_fixes_there_is_no_track(nothing: pd.DataFrame) -> None:
    with pytest.raises(BadInput) as refused:
        project_tracks(nothing)
    assert refused.value.code == "tracks-empty"
