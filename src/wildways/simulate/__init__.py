"""Floor 2: simulated herds with known truth, for tests, benchmarks and the demonstration atlas."""

from wildways.simulate.demo import DEMO_SEED, demo_herds, write_demo_atlas
from wildways.simulate.herd import TRUTH_COLUMNS, SimulatedHerd, simulate_herd
from wildways.simulate.movebank import write_large_movebank_csv, write_movebank_csv
from wildways.simulate.specs import HerdSpec, MigrationSpec, RangeSpec, StopoverSpec, TrunkPoint, read_herds

__all__ = [
    "DEMO_SEED",
    "TRUTH_COLUMNS",
    "HerdSpec",
    "MigrationSpec",
    "RangeSpec",
    "SimulatedHerd",
    "StopoverSpec",
    "TrunkPoint",
    "demo_herds",
    "read_herds",
    "simulate_herd",
    "write_demo_atlas",
    "write_large_movebank_csv",
    "write_movebank_csv",
]
