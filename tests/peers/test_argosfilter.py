"""Our filters against the R package argosfilter 0.70: a ringed seal off Svalbard and three bearded seals of Alaska."""

import numpy as np
import pandas as pd
import pytest

from wildways.movement import mcconnell_filter, sda_filter

pytestmark = pytest.mark.peers

NAMES = np.array(["not", "removed", "end_location"])


@pytest.fixture(scope="module")
def ringed_seal(reference) -> pd.DataFrame:
    return with_seconds(reference.table("argosfilter_ringedseal.csv"))


@pytest.fixture(scope="module")
def bearded_seals(reference, shared) -> pd.DataFrame:
    """Rows that argosfilter was given: those with a label."""
    positions = pd.read_csv(shared / "data/beardedseal_alaska/beardedseal_alaska.csv", index_col="event-id")
    labels = reference.table("argosfilter_beardedseal.csv").dropna(subset="filter")
    positions = positions[["location-long", "location-lat"]].set_axis(["lon", "lat"], axis=1)
    return with_seconds(labels.join(positions, on="event"))


def with_seconds(table: pd.DataFrame) -> pd.DataFrame:
    times = pd.to_datetime(table["time"], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    return table.assign(time_s=times.astype("int64") / 1e6)


def test_every_fix_of_the_ringed_seal_has_its_label(ringed_seal):
    labels = NAMES[sda_filter(ringed_seal["time_s"], ringed_seal["lon"], ringed_seal["lat"], ringed_seal["lc"])]
    np.testing.assert_array_equal(labels, ringed_seal["filter"])
    assert pd.Series(labels).value_counts().to_dict() == {"not": 775, "removed": 281, "end_location": 4}


def test_the_speed_filter_removes_as_many(ringed_seal):
    labels = NAMES[mcconnell_filter(ringed_seal["time_s"], ringed_seal["lon"], ringed_seal["lat"], vmax_mps=2.0)]
    assert pd.Series(labels).value_counts().to_dict() == {"not": 690, "removed": 366, "end_location": 4}


def test_every_fix_of_the_bearded_seals_has_its_label(bearded_seals):
    assert bearded_seals["id"].nunique() == 3
    for _, seal in bearded_seals.groupby("id"):
        labels = sda_filter(seal["time_s"], seal["lon"], seal["lat"], seal["lc"], vmax_mps=3.0)
        np.testing.assert_array_equal(NAMES[labels], seal["filter"])
