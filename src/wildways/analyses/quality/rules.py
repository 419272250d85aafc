"""The cleaning rules of a taxon, and how a product's record states them."""

from typing import Any

from wildways.movement import RuleSource, TaxonGroup, rules_for
from wildways.taxonomy import get_taxon, resolve_name

_BY_MODULE = RuleSource("Set in the module", "set in the module")


def cleaning_rules(taxon: str, speed_limit_mps: float | None = None) -> TaxonGroup:
    """The rules for a population: those of its taxon's group, with the module's speed limit where it sets one.

    The group is found by genus, else by the family, order and class that the table of taxa has for the name.

    Parameters
    ----------
    taxon : as the module names it
    speed_limit_mps : None: that of the group
    """
    resolved = resolve_name(taxon)
    lineage: tuple[str, ...] = ()
    if resolved.taxon_id is not None:
        known = get_taxon(resolved.taxon_id)
        lineage = (known.scientific_name.split(" ", 1)[0], known.family, known.order, known.class_name)
    return rules_for(taxon, lineage).with_limit(speed_limit_mps, _BY_MODULE)


def cleaning_record(group: TaxonGroup) -> dict[str, Any]:
    """The rules as a method record states them: group, and value, source and status of each rule that is on."""
    values = {name: value for name, value in vars(group.rules).items() if value is not None}
    rules = {
        name: {"value": value, "source": group.sources[name].text, "status": group.sources[name].status}
        for name, value in values.items()
    }
    return {"group": group.id, "rules": rules}
