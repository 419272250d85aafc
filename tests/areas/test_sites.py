"""Use of space, candidate sites and their outlines."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.areas.birds import COLONY, bird, colony
from wildways.areas import (
    TripRules,
    core_of,
    estimate_space_use,
    find_sites,
    outline_sites,
    split_trips,
    threshold_for,
)
from wildways.model.errors import BadInput
from wildways.movement import footprint_of, unproject

RULES = TripRules(3000, 10_000, timedelta(hours=1))


@pytest.fixture(scope="module")
def use():
    return estimate_space_use(split_trips(colony(), COLONY, RULES), 3000.0)


def test_every_animal_has_a_distribution_wholly_on_the_common_grid(use):
    assert len(use.uds) == len(use.animals) == len(use.seen) == 12
    assert all(ud.mass_outside < 1e-6 for ud in use.uds)
    assert all((seen.cell >= 0).all() for seen in use.seen)
    assert use.grid.cell_m == 750


def test_animals_with_few_fixes_are_left_out_by_name():
    trips = split_trips(colony(), COLONY, RULES)
    few = trips[(trips["animal_id"] != "b03") | (trips.groupby("animal_id").cumcount() < 5)]
    use = estimate_space_use(few, 3000.0)
    assert use.left_out == ("b03",)
    assert "b03" not in use.animals
    with pytest.raises(BadInput) as refused:
        estimate_space_use(few[few["animal_id"] == "b03"], 3000.0)
    assert refused.value.code == "trips-empty"


@pytest.mark.parametrize("compat", [None, "track2KBA"])
@pytest.mark.parametrize("level", [0.1, 0.5, 0.95, 1.0])
def test_a_core_is_the_volume_isopleth(use, level, compat):
    for ud in use.uds[:4]:
        expected = footprint_of(ud, level, compat="adehabitatHR" if compat else None)
        core = core_of(ud, level, compat=compat)
        rows, columns = ud.grid.slices_of(expected.grid)
        whole = np.zeros(ud.grid.shape, dtype=bool)
        whole[rows, columns] = expected.mask
        assert (core.mask == whole).all()


def test_sites_lie_where_cores_meet_and_hold_the_share_asked_for(use):
    sites = find_sites(use, 0.95, population=500)
    assert sites.threshold == 0.10
    assert (sites.mask == (sites.shares >= 0.10)).all()
    outlined = outline_sites(sites)
    assert sum(site.area_m2 for site in outlined) == pytest.approx(sites.mask.sum() * use.grid.cell_area_m2)
    best = outlined[0]
    assert best.n_tracked == sites.counts.max()
    assert best.individuals == pytest.approx(0.95 * 500 * best.n_tracked / 12)
    centre = best.geometry.centroid
    longitude, latitude = unproject([centre.x], [centre.y], use.grid.crs)
    assert abs(longitude[0] - COLONY[0]) < 0.5
    assert abs(latitude[0] - COLONY[1]) < 0.5


def test_the_less_representative_the_sample_the_larger_the_share_asked_for():
    asked = [threshold_for(r) for r in (0.2, 0.7, 0.71, 0.79, 0.8, 0.89, 0.9, 1.0)]
    assert asked == [0.5, 0.5, 0.2, 0.2, 0.125, 0.125, 0.1, 0.1]


def test_fewer_than_five_animals_make_no_site():
    use = estimate_space_use(split_trips(colony(4), COLONY, RULES), 3000.0)
    sites = find_sites(use, 1.0)
    assert sites.threshold is None
    assert not sites.mask.any()
    assert outline_sites(sites) == []
    assert sites.remarks[0].code == "too-few-animals"


def test_few_animals_and_a_poor_sample_are_remarked_on(use):
    few = replace(use, uds=use.uds[:6], seen=use.seen[:6], animals=use.animals[:6])
    codes = {remark.code for remark in find_sites(few, 0.4, threshold=0.1).remarks}
    assert codes == {"few-animals", "not-representative", "single-animal"}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"representativeness": 98.2}, "representativeness"),
        ({"representativeness": 0.9, "population": 0}, "population"),
        ({"representativeness": 0.9, "level": 50}, "parameter"),
        ({"representativeness": 0.9, "threshold": 10}, "parameter"),
    ],
)
def test_percents_given_for_shares_are_refused(use, options, code):
    with pytest.raises(BadInput) as refused:
        find_sites(use, **options)
    assert refused.value.code == code


def test_one_bird_that_never_moves_is_refused_or_defined():
    trips = split_trips(bird("a", [(30, 90)]), COLONY, RULES)
    still = trips.assign(longitude=COLONY[0] + 0.2, latitude=COLONY[1])
    use = estimate_space_use(still, 2000.0)
    assert use.uds[0].mass.sum() == pytest.approx(1)
