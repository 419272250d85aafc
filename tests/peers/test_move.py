"""Our dynamic bridge in compat mode against the R package move 4.2.7: the fisher Leroy, mule deer MD344, a simulated
animal."""

import numpy as np
import pandas as pd
import pytest

from wildways.movement import (
    UtilisationDistribution,
    dynamic_brownian_bridge,
    dynamic_motion_variance,
    isopleth_area,
)

pytestmark = pytest.mark.peers

LEROY_SHORTEST_LAG_S = 796.001
"""The file has times cut to a millisecond, which makes the shortest lag a millisecond too short: a fifteenth of it is
the step, and 32,122 steps are two seconds."""


def tracked(reference, name):
    table = reference.table(name)
    times = pd.to_datetime(table["timestamp"], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    return table, table["x"], table["y"], times.astype("int64") / 1e6


@pytest.mark.parametrize(
    ("name", "column", "error_m"),
    [
        ("dbbmm_leroy_variance.csv", "dbmvar_m2_per_min", 12.0),
        ("dbbmm_MD344_variance.csv", "dbmvar_m2_per_min", 20.0),
        ("dbbmm_ladder_G00001_variance.csv", "var", 20.0),
    ],
)
def test_the_variances_are_theirs(reference, name, column, error_m):
    table, *track = tracked(reference, name)
    found = dynamic_motion_variance(*track, location_error_m=error_m, compat="move")
    np.testing.assert_allclose(found.variance_m2_per_s * 60, table[column].to_numpy()[:-1], rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize(
    ("name", "error_m", "n_breaks"), [("dbbmm_leroy_variance.csv", 12.0, 680), ("dbbmm_MD344_variance.csv", 20.0, 235)]
)
def test_windows_and_breaks_are_theirs(reference, name, error_m, n_breaks):
    table, *track = tracked(reference, name)
    found = dynamic_motion_variance(*track, location_error_m=error_m, compat="move")
    assert found.n_breaks.sum() == n_breaks
    assert (found.is_complete == table["interest"].to_numpy()[:-1]).all()
    assert (found.n_windows == table["in_windows"].fillna(0).to_numpy()[:-1]).all()


@pytest.mark.parametrize(
    ("raster", "fixes", "error_m", "time_step_s"),
    [
        ("dbbmm_leroy.tif", "dbbmm_leroy_variance.csv", 12.0, LEROY_SHORTEST_LAG_S / 15),
        ("dbbmm_MD344_spring.tif", "input_MD344_spring.csv", 20.0, 600.0),
    ],
)
def test_the_distribution_and_its_areas_are_theirs(reference, raster, fixes, error_m, time_step_s):
    _, *track = tracked(reference, fixes)
    grid = reference.grid(raster)
    theirs = UtilisationDistribution(grid, reference.raster(raster), "move 4.2.7")
    ud = dynamic_brownian_bridge(*track, grid=grid, location_error_m=error_m, time_step_s=time_step_s, compat="move")
    ours = np.zeros(grid.shape)
    ours[grid.slices_of(ud.grid)] = ud.mass
    assert 0.5 * np.abs(ours - theirs.mass).sum() < 1e-5
    for level in (0.5, 0.95, 0.99):
        assert abs(isopleth_area(ud, level) - isopleth_area(theirs, level)) <= 1.01 * grid.cell_area_m2
