"""Downloads of any size take little memory."""

import csv
import tracemalloc
from pathlib import Path

from tests.connectors.conftest import Bench
from tests.connectors.fake_movebank import PASSWORD, USERNAME, Handler
from wildways.connectors.credentials import Credentials
from wildways.connectors.tables import check_table
from wildways.connectors.web import Web

N_BLOCKS, ROWS_A_BLOCK = 60, 16_384
ROW = b"1,2,2008-06-01 00:00:00.000,653,abcdefghijklmnopqrstuvwxyz\n"


def big(handler: Handler) -> bool:
    """Sixty megabytes."""
    header = b"event_id,tag_id,timestamp,sensor_type_id,note\n"
    handler.head(200, **{"Content-Length": str(len(header) + N_BLOCKS * ROWS_A_BLOCK * len(ROW))})
    handler.wfile.write(header)
    block = ROW * ROWS_A_BLOCK
    for _ in range(N_BLOCKS):
        handler.wfile.write(block)
    return True


def test_a_large_body_is_streamed_and_checked_in_little_memory(bench: Bench, tmp_path: Path) -> None:
    bench.fake.tricks.append(big)
    file = tmp_path / "big.csv"
    address = bench.environment["MOVEBANK_SERVER"] + "/"
    with Web(address, Credentials(USERNAME, PASSWORD), bench.clock) as web:
        tracemalloc.start()
        answer = web.save({"entity_type": "event"}, file, lambda answer, saved: None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert answer.is_end_known
    assert file.stat().st_size > 55_000_000
    assert peak < 8_000_000
    with file.open(newline="") as stream:
        assert sum(1 for _ in csv.reader(stream)) == N_BLOCKS * ROWS_A_BLOCK + 1
    assert check_table(file, ["note"]) == N_BLOCKS * ROWS_A_BLOCK
