"""Simulated tracks as Movebank files."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wildways.model import BadInput
from wildways.simulate import demo_herds, simulate_herd, write_large_movebank_csv, write_movebank_csv

FIRST = demo_herds()[0]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    fixes = simulate_herd(FIRST, rng=np.random.default_rng(1)).fixes
    write_movebank_csv(fixes, tmp_path / "herd.csv", study="Simulated herd", taxon="Saiga tatarica")
    rows = pd.read_csv(tmp_path / "herd.csv", parse_dates=["timestamp"])
    assert len(rows) == len(fixes)
    assert rows["individual-local-identifier"].tolist() == fixes["animal_id"].tolist()
    assert rows["location-long"].to_numpy() == pytest.approx(fixes["longitude"].to_numpy(), abs=1e-7)
    assert (rows["timestamp"].to_numpy() == fixes["time_utc"].dt.tz_localize(None).to_numpy()).all()
    marked = fixes["algorithm_marked_outlier"].to_numpy(dtype=bool)
    assert (rows["visible"].to_numpy(dtype=bool) == ~marked).all()
    assert (rows["algorithm-marked-outlier"].notna().to_numpy() == marked).all()
    assert rows["study-name"].unique().tolist() == ["Simulated herd"]
    assert rows["event-id"].is_unique


def test_a_study_that_does_not_say_simulated_is_refused(tmp_path: Path) -> None:
    fixes = simulate_herd(FIRST, rng=np.random.default_rng(1)).fixes
    with pytest.raises(BadInput) as error:
        write_movebank_csv(fixes, tmp_path / "herd.csv", study="Real herd", taxon="Saiga tatarica")
    assert error.value.code == "study-label"
    assert not (tmp_path / "herd.csv").exists()


def test_a_large_file_is_written_fast(tmp_path: Path) -> None:
    start = time.process_time()
    write_large_movebank_csv(tmp_path / "large.csv", 600_000, rng=np.random.default_rng(1))
    assert time.process_time() - start < 7
    rows = pd.read_csv(tmp_path / "large.csv", parse_dates=["timestamp"])
    assert rows.shape == (600_000, 14)
    assert rows["event-id"].is_unique
    assert rows["individual-local-identifier"].nunique() == 30
    assert rows["study-name"].str.contains("simulated").all()
    assert rows["location-lat"].between(40, 60).all()
    tracks = rows.groupby("individual-local-identifier")
    assert (tracks["timestamp"].diff().dropna() > pd.Timedelta(0)).all()
    assert tracks["location-lat"].diff().abs().max() < 0.1


@pytest.mark.parametrize("n_rows", [0, 1, 20_001])
def test_a_large_file_has_the_rows_asked_for(tmp_path: Path, n_rows: int) -> None:
    write_large_movebank_csv(tmp_path / "large.csv", n_rows, rng=np.random.default_rng(1))
    assert len(pd.read_csv(tmp_path / "large.csv")) == n_rows
