"""Our smoother against the R package crawl 2.3.1: a northern fur seal, 795 Argos fixes, positions every hour.

crawl estimated, besides the movement, the errors of classes 0 and A; those of 3, 2 and 1 were 250, 500 and 1500 m. We
take all of them from its answer. It measures time in hours.
"""

import json

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from wildways.movement import CtcrwFit, fit_ctcrw, project, smooth

pytestmark = pytest.mark.peers

ALBERS = CRS.from_proj4("+proj=aea +lat_1=30 +lat_2=70 +lat_0=52 +lon_0=-170 +datum=WGS84 +units=m +type=crs")
LOG_SD_OF = ("3", "2", "1", "0", "A")
N_FIXES = 795


@pytest.fixture(scope="module")
def answer(shared) -> dict:
    return json.loads((shared / "reference/crawl_nfs.json").read_text())["result"]


@pytest.fixture(scope="module")
def track(shared, answer):
    fixes = pd.read_csv(shared / "data/northernfurseal/northernfurseal.csv", dtype={"argos:lc": str})
    time = pd.to_datetime(fixes["timestamp"], utc=True).astype("datetime64[us, UTC]").astype("int64") / 1e6
    x, y = project(fixes["location-long"], fixes["location-lat"], ALBERS)
    log_sd = fixes["argos:lc"].map(dict(zip(LOG_SD_OF, answer["par"], strict=False)))
    return (time - time[0]).to_numpy(), x, y, np.exp(2 * log_sd.to_numpy())


@pytest.fixture(scope="module")
def fit(track) -> CtcrwFit:
    return fit_ctcrw(*track, compat="crawl")


@pytest.fixture(scope="module")
def predicted(reference) -> pd.DataFrame:
    return reference.table("crawl_nfs_predicted.csv")


def test_the_log_likelihood_is_theirs(fit, answer):
    assert fit.n_fixes == N_FIXES
    assert fit.log_likelihood == pytest.approx(answer["loglik"], abs=0.01)


def test_the_movement_is_theirs(fit, answer):
    assert np.log(fit.sigma2_m2_per_s * 3600) / 2 == pytest.approx(answer["par"][5], abs=1e-3)
    assert np.log(fit.beta_per_s * 3600) == pytest.approx(answer["par"][6], abs=2e-3)


def test_smoothed_positions_and_their_errors_are_theirs(fit, track, predicted):
    smoothed = smooth(fit, *track, at_s=predicted["Time"] * 3600)
    median_se = predicted["se.mu.x"].median()
    apart = np.hypot(smoothed.x_m - predicted["mu.x"], smoothed.y_m - predicted["mu.y"])
    assert np.sqrt(np.mean(apart**2)) < 0.001 * median_se
    np.testing.assert_allclose(np.sqrt(smoothed.covariance_m2[:, 0, 0]), predicted["se.mu.x"], rtol=1e-3)
    np.testing.assert_allclose(np.sqrt(smoothed.covariance_m2[:, 1, 1]), predicted["se.mu.y"], rtol=1e-3)


def test_our_own_start_of_the_track_changes_little(track, predicted):
    """Where it begins we take from the fix alone, crawl also from all fixes; and we count the constant."""
    ours = fit_ctcrw(*track)
    smoothed = smooth(ours, *track, at_s=predicted["Time"] * 3600)
    apart = np.hypot(smoothed.x_m - predicted["mu.x"], smoothed.y_m - predicted["mu.y"])
    assert np.sqrt(np.mean(apart**2)) < 0.01 * predicted["se.mu.x"].median()
