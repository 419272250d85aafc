"""``wildways quality``."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wildways.cli.output import atlas_argument, json_option, say_json
from wildways.model import Atlas, BadInput, NotFound, open_atlas

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20
"""Of longer lists only so many rows are said; `--out` has all."""


@click.command(epilog="Example: wildways quality my-atlas --module turtles --animal QA23117 --out flagged.csv")
@atlas_argument
@click.option("--module", "module_id", help="Only this module. [default: all]")
@click.option("--population", "population_id", help="Only this population. [default: all]")
@click.option("--animal", "animal_id", help="Only this animal.")
@click.option("--rule", help="Only fixes flagged by this rule, for example spike.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the list to this file: .csv or .parquet.")
@json_option
def command(
    atlas: Path,
    module_id: str | None,
    population_id: str | None,
    animal_id: str | None,
    rule: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """List flagged fixes of ATLAS with the rule, what was measured and the limit.

    The list has exact positions: it is for the owners of the data, and no part of a release. Speed limits that a
    module sets for its corridors or quality analysis are honoured.
    """
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise BadInput("output-format", f"{out} is neither a .csv nor a .parquet file.", hint="Name it so.")
    listed = _listed(open_atlas(atlas), module_id, population_id)
    if animal_id is not None:
        listed = listed[listed["animal_id"] == animal_id]
    if rule is not None:
        listed = _with_rule(listed, rule)
    if out is not None:
        _write(listed, out)
    if as_json:
        say_json(_summary(listed) | {"file": out} if out else _summary(listed) | {"fixes": _records(listed)})
        return
    _say(listed, out)


def _listed(atlas: Atlas, module_id: str | None, population_id: str | None) -> "pd.DataFrame":
    import pandas as pd

    from wildways.analyses.evidence import select_evidence
    from wildways.analyses.quality import LISTING_COLUMNS, list_flagged
    from wildways.store import Workspace

    if not atlas.workspace.is_dir():
        raise NotFound("workspace-missing", "Nothing was ingested yet.", hint="Run `wildways ingest`.")
    parts = []
    with Workspace.open(atlas.workspace, read_only=True) as workspace:
        for module in [atlas.module(module_id)] if module_id else atlas.modules:
            for population in module.populations:
                if population_id in (None, population.id):
                    evidence = select_evidence(atlas, module, population, workspace).load(workspace)
                    limit = _speed_limit(module, population.id)
                    parts.append(list_flagged(evidence, speed_limit_mps=limit))
    if not parts:
        raise NotFound("population-unknown", f"There is no population “{population_id}”.")
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(LISTING_COLUMNS))


def _speed_limit(module: Any, population_id: str) -> float | None:
    for request in module.analyses:
        if not request.populations or population_id in request.populations:
            limit = request.parameters.get("speed_limit_mps")
            if limit is not None:
                return float(limit)
    return None


def _with_rule(listed: "pd.DataFrame", rule: str) -> "pd.DataFrame":
    from wildways.movement import QualityFlag, flag_name

    known = [flag_name(flag) for flag in QualityFlag]
    if rule not in known:
        raise NotFound("rule-unknown", f"There is no rule “{rule}”.", hint=f"There are: {', '.join(known)}.")
    return listed[listed["rule"] == rule]


def _write(listed: "pd.DataFrame", out: Path) -> None:
    if out.suffix == ".parquet":
        listed.to_parquet(out, index=False)
    else:
        listed.assign(time_utc=_times(listed)).to_csv(out, index=False)


def _summary(listed: "pd.DataFrame") -> dict[str, Any]:
    counts = listed["rule"].value_counts().sort_index().to_dict()
    return {"flagged": len(listed[["animal_id", "time_utc", "population"]].drop_duplicates()), "rules": counts}


def _records(listed: "pd.DataFrame") -> list[dict[str, Any]]:
    rows = listed.assign(time_utc=_times(listed)).astype(object)
    return rows.where(rows.notna(), None).to_dict("records")  # type: ignore[return-value]


def _times(listed: "pd.DataFrame") -> "pd.Series[str]":
    import pandas as pd

    return pd.to_datetime(listed["time_utc"], utc=True).dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _say(listed: "pd.DataFrame", out: Path | None) -> None:
    for rule, count in _summary(listed)["rules"].items():
        click.echo(f"{rule}: {count:,} fixes")
    if out is not None:
        click.echo(f"{out}: {len(listed):,} rows")
        return
    for row in listed.head(SHOWN).to_dict("records"):
        click.echo(f"  {row['animal_id']} {row['time_utc']:%Y-%m-%d %H:%M:%S}: {_reason(row)}")
    if len(listed) > SHOWN:
        click.echo(f"  … and {len(listed) - SHOWN:,} more; --out FILE.csv writes all")
    if listed.empty:
        click.echo("No fix is flagged.")


def _reason(row: dict[Any, Any]) -> str:
    measured = ""
    if math.isfinite(row["value"]):
        measured = f" {row['value']:.4g} {row['unit']} (limit {row['limit']:g} {row['unit']})"
    return f"{row['rule']}{measured}{'' if row['is_left_out'] else ', used all the same'}"
