"""Prints what became of the mutations of every seed: ``python -m tests.readers.mutation_summary [SEED [NUMBER]]``."""

import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.readers.corpus import Seed, make_seeds
from tests.readers.mutation_run import LIMITS, Tally, peak_bytes, read_mutation, run
from wildways.readers.isolation import ReadingProcess, open_worker

_CODES_SHOWN = 4


def main(arguments: list[str]) -> None:
    """Run all seeds, or one, or one of its mutations."""
    start = time.perf_counter()
    with TemporaryDirectory(prefix="mutations-") as name, open_worker(LIMITS) as worker:
        folder = Path(name)
        seeds = [seed for seed in make_seeds(folder) if not arguments or seed.name == arguments[0]]
        if len(arguments) > 1:
            click.echo(read_mutation(seeds[0], int(arguments[1]), worker, folder))
            return
        tallies = {seed.name: _report(seed, worker, folder) for seed in seeds}
        peak = peak_bytes(worker)
    _sum_up(tallies, peak, time.perf_counter() - start)


def _report(seed: Seed, worker: ReadingProcess, folder: Path) -> Tally:
    tally = run(seed, worker, folder)
    n_read = sum(n for outcome, n in tally.outcomes.items() if outcome.startswith("read"))
    codes = [f"{code} {n:,}" for code, n in tally.outcomes.most_common() if not code.startswith("read")]
    more = f", and {len(codes) - _CODES_SHOWN} more" if len(codes) > _CODES_SHOWN else ""
    slowest, number = tally.slowest
    click.echo(
        f"{seed.name:20} {tally.n_files:6,} files {n_read:6,} read {1000 * tally.seconds / tally.n_files:6.1f} ms each"
        f"  slowest {slowest:5.2f} s (number {number})  {', '.join(codes[:_CODES_SHOWN])}{more}"
    )
    return tally


def _sum_up(tallies: dict[str, Tally], peak: int, seconds: float) -> None:
    outcomes = sum((tally.outcomes for tally in tallies.values()), Counter[str]())
    n_files = sum(tally.n_files for tally in tallies.values())
    n_read = outcomes["read"] + outcomes["read, with findings"]
    slowest, number, name = max((*tally.slowest, name) for name, tally in tallies.items())
    n_codes = len(outcomes.keys() - {"read", "read, with findings"})
    click.echo(
        f"{n_files:,} files of {len(tallies)} seeds in {seconds:.0f} s: {n_read:,} read "
        f"({outcomes['read, with findings']:,} with findings), {n_files - n_read:,} refused with {n_codes} codes; "
        f"slowest {slowest:.2f} s ({name} {number}); peak memory {peak / 1e6:.0f} MB"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
