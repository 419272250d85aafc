"""The filters against a plain reading of their definition, and by their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wildways.model import BadInput
from wildways.movement import FilterLabel, bird_filter, mcconnell_filter, sda_filter

KEPT, REMOVED, END = FilterLabel.KEPT, FilterLabel.REMOVED, FilterLabel.END
DEGREE_M = 60 * 1852.0


def straight(n=30, *, speed=1.0, lag_s=3600.0):
    """A track along the equator."""
    time = np.arange(n) * lag_s
    return time, time * speed / DEGREE_M, np.zeros(n)


def noisy(seed, n=120, *, scale=0.03):
    rng = np.random.default_rng(seed)
    time = np.cumsum(rng.exponential(3600, n).round())
    lon, lat = np.cumsum(rng.normal(scale=0.01, size=(2, n)), axis=1) + rng.standard_t(2, size=(2, n)) * scale
    return time, lon, 60 + lat, rng.choice(["3", "1", "0", "A", "B", "Z"], n)


def arc_m(lon_a, lat_a, lon_b, lat_b):
    a, b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(half))) * 60 * 1852


def plain_mcconnell(time, lon, lat, vmax):
    """Speeds anew in every pass, peaks as runs of one height that are higher than what is beside them."""
    kept = list(range(len(time)))
    while len(kept) >= 5:
        speed = {}
        for k in range(2, len(kept) - 2):
            i = kept[k]
            others = [kept[k + step] for step in (-2, -1, 1, 2)]
            squares = [(arc_m(lon[i], lat[i], lon[j], lat[j]) / (abs(time[i] - time[j]) + 1)) ** 2 for j in others]
            speed[i] = np.sqrt(np.mean(squares))
        inner = kept[2:-2]
        beside = [0.0, *(speed[i] for i in inner), -1.0]
        peaks = [i for k, i in enumerate(inner, 1) if beside[k - 1] < beside[k] > beside[k + 1] and speed[i] > vmax]
        kept = [i for i in kept if i not in peaks]
        if not peaks or max(speed.get(i, 0.0) for i in kept) <= vmax:
            break
    return kept


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), vmax=st.floats(0.3, 5.0))
def test_mcconnells_filter_does_what_a_plain_reading_says(seed, vmax):
    time, lon, lat, _ = noisy(seed, 60)
    labels = mcconnell_filter(time, lon, lat, vmax_mps=vmax)
    assert np.flatnonzero(labels != REMOVED).tolist() == plain_mcconnell(time, lon, lat, vmax)


def test_a_slow_track_is_kept_and_its_ends_are_not_judged():
    labels = mcconnell_filter(*straight())
    assert labels[2:-2].tolist() == [KEPT] * 26
    assert labels[[0, 1, -2, -1]].tolist() == [END] * 4


def test_a_fix_far_off_is_removed_alone():
    time, lon, lat = straight()
    lat[10] = 1.0
    assert np.flatnonzero(mcconnell_filter(time, lon, lat) == REMOVED).tolist() == [10]
    assert np.flatnonzero(sda_filter(time, lon, lat, np.full(30, "A")) == REMOVED).tolist() == [10]


def test_a_fast_fix_near_the_one_before_is_kept_by_sda():
    time, lon, lat = straight()
    time[11:] -= 3595.0
    lat[11] = 0.01
    assert mcconnell_filter(time, lon, lat)[11] == REMOVED
    assert (sda_filter(time, lon, lat, np.full(30, "A")) != REMOVED).all()


def test_class_z_is_removed_wherever_it_lies():
    classes = np.full(30, "2")
    classes[[4, 20]] = "Z"
    labels = sda_filter(*straight(), classes)
    assert np.flatnonzero(labels == REMOVED).tolist() == [4, 20]


@pytest.mark.parametrize(("out_m", "is_removed"), [(2000, False), (2700, True)])
def test_a_pointed_spike_is_removed_where_it_is_long(out_m, is_removed):
    time, lon, lat = straight(lag_s=36_000.0, speed=0.005)
    lat[15] += out_m / DEGREE_M
    labels = sda_filter(time, lon, lat, np.full(30, "1"))
    assert (labels[15] == REMOVED) == is_removed
    assert (sda_filter(time, lon, lat, np.full(30, "1"), angles_deg=(), lengths_m=()) != REMOVED).all()


def test_a_return_along_the_same_way_is_a_spike_and_a_straight_way_is_none():
    time = np.arange(9) * 36_000.0
    lon = np.array([0, 0, 0, 0, 0.1, 0, 0, 0, 0])
    there = np.arange(9) * 0.1
    assert sda_filter(time, lon, np.zeros(9), np.full(9, "1"))[4] == REMOVED
    assert (sda_filter(time, there, np.zeros(9), np.full(9, "1")) != REMOVED).all()


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), turn=st.floats(-180, 180))
def test_turning_the_globe_changes_no_label(seed, turn):
    time, lon, lat, classes = noisy(seed)
    turned = (lon + turn + 180) % 360 - 180
    np.testing.assert_array_equal(mcconnell_filter(time, lon, lat), mcconnell_filter(time, turned, lat))
    np.testing.assert_array_equal(sda_filter(time, lon, lat, classes), sda_filter(time, turned, lat, classes))
    np.testing.assert_array_equal(bird_filter(time, lon, lat), bird_filter(time, turned, lat))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), days=st.integers(0, 20_000))
def test_the_date_changes_no_label(seed, days):
    time, lon, lat, classes = noisy(seed)
    then = time + days * 86_400.0
    np.testing.assert_array_equal(sda_filter(time, lon, lat, classes), sda_filter(then, lon, lat, classes))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_sda_keeps_what_mcconnell_keeps_but_for_z_and_spikes(seed):
    time, lon, lat, classes = noisy(seed)
    speed = mcconnell_filter(time, lon, lat)
    sda = sda_filter(time, lon, lat, classes, angles_deg=(), lengths_m=())
    assert ((speed == REMOVED) | (classes == "Z"))[sda == REMOVED].all()


@pytest.mark.parametrize("n", range(5))
def test_a_track_too_short_to_judge_is_all_ends(n):
    time, lon, lat = straight(n)
    assert mcconnell_filter(time, lon, lat).tolist() == [END] * n
    assert sda_filter(time, lon, lat, np.full(n, "B")).tolist() == [END] * n
    assert bird_filter(time, lon, lat).tolist() == [False] * n


def test_fixes_at_one_time_and_place_are_kept():
    zeros = np.zeros(50)
    assert (mcconnell_filter(zeros, zeros, zeros) != REMOVED).all()
    assert (sda_filter(zeros, zeros, zeros, np.full(50, "B")) != REMOVED).all()
    assert not bird_filter(zeros, zeros, zeros).any()


def test_a_bird_faster_than_a_bird_is_an_outlier_and_so_is_the_way_back():
    time, lon, lat = straight(speed=20.0, lag_s=600.0)
    assert not bird_filter(time, lon, lat).any()
    lat[12] = 0.5
    assert np.flatnonzero(bird_filter(time, lon, lat)).tolist() == [12, 13]


def test_a_bird_that_turns_on_the_spot_at_speed_is_an_outlier():
    time = np.arange(20) * 600.0
    lon = np.zeros(20)
    lon[10] = 20 * 600 / DEGREE_M
    assert np.flatnonzero(bird_filter(time, lon, np.zeros(20))).tolist() == [10]
    assert not bird_filter(time, lon, np.zeros(20), sharp_above_mps=25.0).any()
    assert not bird_filter(time, lon, np.zeros(20), max_passes=0).any()


def test_outliers_side_by_side_are_found_in_several_passes():
    time, lon, lat = straight(speed=10.0, lag_s=600.0)
    lat[12:15] = 3.0
    assert set(np.flatnonzero(bird_filter(time, lon, lat))) >= {12, 13, 14}
    assert np.flatnonzero(bird_filter(time, lon, lat, max_passes=1)).tolist() == [12, 15]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time": [0, 2, 1, 3, 4]}, "filter-unsorted"),
        ({"time": [0, 1, np.nan, 3, 4]}, "filter-unsorted"),
        ({"lon": [0, 0, 361, 0, 0]}, "filter-position"),
        ({"lat": [0, 0, np.nan, 0, 0]}, "filter-position"),
        ({"lat": [0, 0, 0, 0]}, "filter-shape"),
        ({"classes": ["A"]}, "filter-shape"),
        ({"classes": ["A", "A", "Q", "A", "A"]}, "argos-class"),
        ({"vmax_mps": 0.0}, "parameter"),
        ({"lengths_m": (1.0,)}, "filter-spikes"),
    ],
)
def test_a_track_that_cannot_be_judged_is_refused(change, code):
    track = {"time": np.arange(5), "lon": np.zeros(5), "lat": np.zeros(5), "classes": ["A"] * 5}
    options = {key: value for key, value in change.items() if key not in track}
    with pytest.raises(BadInput) as refused:
        sda_filter(*(track | {k: v for k, v in change.items() if k in track}).values(), **options)
    assert refused.value.code == code
