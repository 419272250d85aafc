"""Merging: the results of a population's units become its products, by whichever worker is free."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

from wildways.analyses.contract import Draft
from wildways.analyses.sending import send

Merge = Callable[[Sequence[Path | None]], Sequence[Draft]]


def start_merge(
    executor: Executor, merge: Merge, results: Sequence[Path | None], products: Path
) -> Future[tuple[str, ...]]:
    """Have the products of a population made and put in place; gives their ids, in order.

    Parameters
    ----------
    merge : of the plan
    results : of its units, in order
    products : folder, seen by all workers under the same path
    """
    return send(executor, products, write_products, merge, list(results), str(products))


def write_products(merge: Merge, results: Sequence[Path | None], products: str) -> tuple[str, ...]:
    """Make the products and put each in its folder; runs on any worker that sees results and products."""
    drafts = merge(results)
    for draft in drafts:
        _install(draft, Path(products))
    return tuple(draft.product.id for draft in drafts)


def _install(draft: Draft, products: Path) -> None:
    """Put a product in place: its folder is whole or, for the moment of the swap, absent."""
    fresh, final = products / f".{draft.product.id}", products / draft.product.id
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    draft.write(fresh)
    draft.product.write(fresh)
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)
