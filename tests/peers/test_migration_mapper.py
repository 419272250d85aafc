"""Our bridge in compat mode against Migration Mapper 3: spring sequences of 15 mule deer on its 500 m grid.

One thing is not copied: Migration Mapper closes its narrowest class at 99 % of the animals, so that what every animal
used falls out of all classes and leaves a hole in the middle of the corridor.
"""

import numpy as np
import pytest

from wildways.movement import (
    UtilisationDistribution,
    animal_footprint,
    brownian_bridge,
    classify_use,
    corridor_polygons,
    count_footprints,
    isopleth_area,
    mean_distribution,
    trim_to_volume,
)

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def grid(reference):
    return reference.grid("mapp/PopGrid_empty.tif")


@pytest.fixture(scope="module")
def uds(reference, grid) -> dict[str, UtilisationDistribution]:
    """Each sequence's distribution as Migration Mapper writes it: cut at 99.99 % of the mass, in single precision."""
    return {
        name: in_single_precision(
            trim_to_volume(
                brownian_bridge(
                    track["x"], track["y"], track["time_s"], grid=around(grid, track), compat="BBMM", time_step_s=300.0
                )
            )
        )
        for name, track in reference.tracks("input_mapp_spring.csv").groupby("seq")
    }


@pytest.fixture(scope="module")
def counts(uds, grid):
    return count_footprints((animal_footprint([ud], compat="MAPP") for ud in uds.values()), grid)


def around(grid, track):
    """Migration Mapper's part of the grid: the sequence and a fifth of its extent on each side."""
    margin_m = 0.2 * max(np.ptp(track["x"]), np.ptp(track["y"]))
    return grid.around(track["x"], track["y"], margin_m=margin_m)


def in_single_precision(ud):
    return ud.with_mass(ud.mass.astype(np.float32).astype(np.float64))


def on(grid, ud):
    mass = np.zeros(grid.shape)
    mass[grid.slices_of(ud.grid)] = ud.mass
    return mass


def test_the_motion_variances_are_theirs(uds, reference):
    theirs = reference.table("mapp_bbmm_sequences.csv").set_index("seq.name")["brownian.motion.variance"]
    assert len(uds) == len(theirs) == 15
    for name, ud in uds.items():
        assert ud.motion_variance_m2_per_s * 60 == pytest.approx(theirs[name], rel=1e-3)


def test_the_distributions_are_theirs(uds, reference, grid):
    for name, ud in uds.items():
        theirs = reference.raster(f"mapp/UDs/spring/{name}.tif")
        assert 0.5 * np.abs(on(grid, ud) - theirs).sum() < 1e-6


def test_the_counts_of_animals_are_theirs_in_every_cell(counts, reference):
    theirs = reference.raster("mapp/PopFoot/Pop_Footprint_NumbIds.tif")
    used = (counts > 0) | (theirs > 0)
    assert used.sum() == 2282
    assert (counts == theirs)[used].mean() >= 0.999
    np.testing.assert_array_equal(counts, theirs)


def test_the_populations_distribution_is_theirs(uds, reference, grid):
    ours = trim_to_volume(mean_distribution(uds.values()))
    assert 0.5 * np.abs(on(grid, ours) - reference.raster("mapp/PopUse_Volume/Pop_UD.tif")).sum() < 1e-6


def test_the_areas_of_the_populations_use_are_theirs_but_for_the_crossing_cell(uds, reference):
    ours = trim_to_volume(mean_distribution(uds.values()))
    areas = reference.table("mapp/PopUse_Volume/PopUse_contour_areas.csv")
    assert len(areas) == 13
    for level, area_km2 in areas.itertuples(index=False):
        assert 0 <= isopleth_area(ours, level / 100) / 1e6 - area_km2 + 1e-6 <= 0.25 + 2e-6


def test_the_areas_of_corridors_are_theirs(counts, grid, reference):
    areas = reference.table("mapp/PopFoot/Footprint_contour_areas.csv").set_index("contour")["area_SqKm"]
    corridors = corridor_polygons(classify_use(counts, 15), grid, smoothing=0).set_index("class")
    assert corridors["min_animals"].to_dict() == {"low": 1, "high": 3}
    assert corridors["area_km2"]["low"] == pytest.approx(areas[1])
    assert corridors["area_km2"]["high"] == pytest.approx(areas[20])


def test_exact_cell_integrals_differ_from_theirs_by_the_coarse_cells(uds, reference, grid):
    """Density at the centre of a 500 m cell is no integral over it: the tool's footprints are a quarter too small."""
    track = reference.tracks("input_mapp_spring.csv").query("seq == 'MD317_2007_spring'")
    exact = brownian_bridge(track["x"], track["y"], track["time_s"], grid=around(grid, track))
    theirs = uds["MD317_2007_spring"]
    assert 0.5 * np.abs(on(grid, exact) - on(grid, theirs)).sum() > 0.1
    assert isopleth_area(theirs, 0.99) < 0.8 * isopleth_area(exact, 0.99)
