"""From the account of the animals to the product: a table, the rules in words, what a reader must know."""

from datetime import UTC, datetime

import pandas as pd
from pydantic import BaseModel

from wildways.analyses.cache import code_version
from wildways.analyses.contract import Draft, PopulationEvidence
from wildways.analyses.quality.account import FLAG_COLUMNS
from wildways.analyses.quality.rules import cleaning_record
from wildways.analyses.texts import text
from wildways.model import Derivation, MethodRecord, Product, ProductKind, Property, Sample, Text
from wildways.movement import Sensor, TaxonGroup, rule_meanings

REFERENCES = (
    "Freitas et al. (2008), Marine Mammal Science 24:315, doi:10.1111/j.1748-7692.2007.00180.x",
    "McConnell, Chambers & Fedak (1992), Antarctic Science 4:393, doi:10.1017/S0954102092000580",
    "Merkle et al. (2022), Methods in Ecology and Evolution, doi:10.1111/2041-210X.13976",
)
_UNITS = {"usable_percent": "%", "median_interval_h": "h", "longest_interval_h": "h"}
_EXPERT = "expert default, to be confirmed"


def quality_draft(
    evidence: PopulationEvidence, parameters: BaseModel, group: TaxonGroup, account: pd.DataFrame
) -> Draft:
    """The product: the account with animals numbered, not named, and only the flags that occur."""
    table = _published(account)
    module, population = evidence.module, evidence.population
    product = Product(
        id=f"{module.id}.{population.id}.quality",
        module=module.id,
        population=population.id,
        role="quality",
        kind=ProductKind.TABLE,
        derivation=Derivation.TRACKING_LINE,
        title=text("quality", "quality"),
        taxon=population.taxon,
        file="table.parquet",
        bbox=None,
        properties=tuple(
            Property(name=name, label=text("quality", name), unit=_UNITS.get(name, "")) for name in table.columns
        ),
        method=MethodRecord(
            name="quality",
            statement=text("quality", "statement"),
            parameters={**parameters.model_dump(mode="json"), "cleaning": cleaning_record(group)},
            references=REFERENCES,
            code_version=code_version(),
        ),
        inputs=evidence.inputs,
        sample=_sample(account),
        caveats=_caveats(account, group),
        simulated=evidence.simulated,
        created_utc=datetime.now(UTC).replace(microsecond=0),
    )
    return Draft(product, lambda folder: table.to_parquet(folder / "table.parquet", index=False))


def rules_in_words(group: TaxonGroup, status: str | None = None) -> str:
    """The rules that are on with their values and units, in one line; only those of a status where it is given."""
    chosen = [
        (meaning, getattr(group.rules, name))
        for name, meaning in rule_meanings().items()
        if getattr(group.rules, name) is not None and status in (None, group.sources[name].status)
    ]
    return "; ".join(f"{meaning.name} {_value(value)} {meaning.unit}".rstrip() for meaning, value in chosen)


def _value(value: object) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(f"{part:g}" if isinstance(part, int | float) else str(part) for part in values)


def _published(account: pd.DataFrame) -> pd.DataFrame:
    order = account.sort_values("animal_id", kind="stable", ignore_index=True)
    table = pd.DataFrame(
        {
            "animal": pd.Series(range(1, len(order) + 1), dtype="int32"),
            "sensor": order["sensor"].astype(str),
            "n_fixes": order["n_fixes"].astype("int32"),
            "n_usable": order["n_usable"].astype("int32"),
            "usable_percent": (100 * order["n_usable"] / order["n_fixes"]).round(1),
            "first_date": order["first_utc"].dt.strftime("%Y-%m-%d"),
            "last_date": order["last_utc"].dt.strftime("%Y-%m-%d"),
            "median_interval_h": order["median_interval_h"].round(3),
            "longest_interval_h": order["longest_interval_h"].round(1),
            "n_gaps": order["n_gaps"].astype("int32"),
        }
    )
    occurring = [name for name in FLAG_COLUMNS if order[name].any()]
    return table.join(order[occurring].astype("int32"))


def _sample(account: pd.DataFrame) -> Sample:
    first, last = account["first_utc"].min(), account["last_utc"].max()
    ends = zip(account["first_utc"].dt.year, account["last_utc"].dt.year, strict=True)
    years = {year for begin, end in ends for year in range(int(begin), int(end) + 1)}
    return Sample(
        n_animals=len(account),
        n_sequences=0,
        n_fixes=int(account["n_fixes"].sum()),
        years=tuple(sorted(years)),
        first_utc=first.to_pydatetime(),
        last_utc=last.to_pydatetime(),
    )


def _caveats(account: pd.DataFrame, group: TaxonGroup) -> tuple[Text, ...]:
    caveats = [text("quality", "rules", group=group.id, rules=rules_in_words(group))]
    unconfirmed = rules_in_words(group, _EXPERT)
    if unconfirmed:
        caveats.append(text("quality", "unconfirmed", rules=unconfirmed))
    n_coarse = int((account["sensor"] != Sensor.GPS).sum())
    if n_coarse:
        caveats.append(text("quality", "coarse", n=n_coarse))
    return tuple(caveats)
