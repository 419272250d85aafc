"""``wildways status``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from wildways.cli.output import atlas_argument, json_option, say_json
from wildways.model import Atlas, open_atlas

MANY = 10
"""Of longer lists only so many are said."""

_TALLIES = MappingProxyType({"kind": "kind", "taxon": "accepted_taxon", "country": "country"})


@click.command(epilog="Example: wildways status my-atlas --json")
@atlas_argument
@json_option
def command(atlas: Path, as_json: bool) -> None:
    """What ATLAS holds: evidence, findings, products, releases."""
    status = _status(open_atlas(atlas))
    if as_json:
        say_json(status)
        return
    click.echo(f"{status['atlas']}: {', '.join(status['modules']) or 'no modules'}")
    for table, count in status["evidence"].items():
        click.echo(f"  {table}: {count:,}")
    for title, groups in status["records"].items():
        click.echo(f"  by {title}: {_some(groups)}")
    for file in status["files"]:
        click.echo(f"  {file['path']}: {file['kept']:,} of {file['rows']:,} rows kept")
    for finding in status["findings"]:
        verb = "refused" if finding["refused"] else "noted"
        click.echo(f"    {verb} {finding['rows']:,} [{finding['code']}] {finding['message']}")
    for product in status["products"]:
        click.echo(f"  product {product['id']}: {product['animals']} animals, {product['sequences']} sequences")
    for release in status["releases"]:
        click.echo(f"  release {release}")


def _status(atlas: Atlas) -> dict[str, Any]:
    from wildways.analyses import read_products

    evidence, records, files, findings = _evidence(atlas)
    return {
        "atlas": atlas.header.id,
        "modules": [module.id for module in atlas.modules],
        "evidence": evidence,
        "records": records,
        "files": files,
        "findings": findings,
        "products": [
            {
                "id": product.id,
                "animals": product.sample.n_animals,
                "sequences": product.sample.n_sequences,
                "created_utc": product.created_utc,
            }
            for product in read_products(atlas)
        ],
        "releases": sorted(file.parent.name for file in atlas.releases_folder.glob("*/catalogue.json")),
    }


def _evidence(
    atlas: Atlas,
) -> tuple[dict[str, int], dict[str, dict[str, int]], list[dict[str, Any]], list[dict[str, Any]]]:
    from wildways.store import Evidence, Workspace

    if not atlas.workspace.is_dir():
        return {}, {}, [], []
    with Workspace.open(atlas.workspace, read_only=True) as workspace:
        counts = workspace.counts()
        groups = Evidence(workspace, atlas).counts().to_pylist()
        files = [
            {"path": row["path"], "rows": row["n_rows"], "kept": row["n_kept"], "sha256": row["source_file_id"]}
            for row in workspace.source_files().to_pylist()
        ]
        findings = [
            {"code": row["code"], "refused": row["refused"], "rows": row["n_rows"], "message": row["message"]}
            for row in workspace.findings().to_pylist()
        ]
    records = {title: _tally(groups, column) for title, column in _TALLIES.items()}
    return counts, records, files, findings


def _tally(groups: Sequence[Mapping[str, Any]], column: str) -> dict[str, int]:
    """Records by the values of a column, the most frequent first; where there is none, it is said why."""
    none = "at sea or unknown" if column == "country" else "unknown"
    tally: Counter[str] = Counter()
    for group in groups:
        tally[group[column] or none] += group["n_records"]
    return dict(tally.most_common())


def _some(tally: Mapping[str, int]) -> str:
    more = len(tally) - MANY
    first = ", ".join(f"{name} {count:,}" for name, count in list(tally.items())[:MANY])
    return (first or "none") + (f" and {more} more" if more > 0 else "")
