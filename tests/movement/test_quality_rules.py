"""Rules of quality by group of taxa."""

import tomllib
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from wildways.model import BadInput
from wildways.movement import CleaningRules, rule_meanings, rules_for, speed_limit_for, taxon_groups, unknown_group

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "quality-rules.md"


@pytest.mark.parametrize(
    ("taxon", "group"),
    [
        ("Odocoileus hemionus", "ungulates"),
        ("Loxodonta africana", "elephants"),
        ("Puma concolor", "carnivores"),
        ("Pusa hispida", "pinnipeds"),
        ("Megaptera novaeangliae", "cetaceans"),
        ("Dugong dugon", "sirenians"),
        ("Prionace glauca", "sharks-and-rays"),
        ("Chelonia mydas", "sea-turtles"),
        ("Dermochelys coriacea", "leatherback"),
        ("Lanius collurio", "passerines"),
        ("Aquila heliaca", "raptors"),
        ("Haematopus ostralegus", "waders"),
        ("Larus fuscus", "seabirds"),
        ("Ciconia ciconia", "storks-and-soarers"),
        ("Eidolon helvum", "bats"),
        ("Draco volans", "unknown"),
    ],
)
def test_a_species_has_the_rules_of_its_group(taxon: str, group: str) -> None:
    assert rules_for(taxon).id == group


def test_higher_taxa_decide_where_the_genus_is_not_named() -> None:
    assert rules_for("Novus novus", ["Novus", "Phocidae", "Carnivora", "Mammalia"]).id == "pinnipeds"
    assert rules_for("Novus novus", ["Canidae", "Carnivora"]).id == "carnivores"
    assert rules_for("Novus novus", ["Upupidae", "Bucerotiformes", "Aves"]).id == "other-birds"
    assert speed_limit_for("Novus novus", ["Canidae", "Carnivora"]) == 10.0


def test_no_name_belongs_to_two_groups_at_one_rank() -> None:
    for one, other in combinations(taxon_groups().values(), 2):
        for rank, names in one.members.items():
            assert not names & other.members[rank]


def test_every_value_has_a_source_that_says_how_sure_it_is() -> None:
    for group in (*taxon_groups().values(), unknown_group()):
        for name, value in vars(group.rules).items():
            assert (value is None) == (name not in group.sources), (group.id, name)
            if value is not None:
                assert group.sources[name].status in {"from a source", "expert default, to be confirmed"}
                assert group.sources[name].text


def test_the_defaults_are_those_of_ungulates() -> None:
    assert taxon_groups()["ungulates"].rules == CleaningRules()


def test_the_file_names_the_rules_there_are() -> None:
    text = files("wildways.movement").joinpath("data/quality_rules.toml").read_text(encoding="utf-8")
    assert list(vars(CleaningRules())) == list(rule_meanings())
    assert set(tomllib.loads(text)["rules"]) == set(rule_meanings())


def test_a_limit_of_the_caller_names_its_source() -> None:
    group = rules_for("Saiga tatarica")
    source = unknown_group().sources["vmax_mps"]
    assert group.with_limit(None, source) is group
    assert group.with_limit(20.0, source).rules.vmax_mps == 20.0
    assert group.with_limit(20.0, source).sources["vmax_mps"] is source
    assert group.rules.vmax_mps == 3.0


@pytest.mark.parametrize(
    "rules",
    [
        {"vmax_mps": 0.0},
        {"immobile_h": float("nan")},
        {"min_dt_s": -1.0},
        {"sda_angles_deg": (15.0, -25.0)},
        {"sda_angles_deg": (15.0,)},
        {"unknown_class": "Z"},
    ],
)
def test_rules_without_sense_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        CleaningRules(**rules)  # type: ignore[arg-type]
    assert refused.value.code == "cleaning-rule"


def test_the_page_has_every_rule_and_group_with_its_values() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for meaning in rule_meanings().values():
        value = getattr(unknown_group().rules, meaning.name)
        assert f"| `{meaning.name}` | {meaning.meaning} | {shown(value)} | {meaning.unit} |" in page
    for group in taxon_groups().values():
        assert f"| {group.title} (`{group.id}`) | {shown(group.rules.vmax_mps)} |" in page
    for group in (*taxon_groups().values(), unknown_group()):
        for source in group.sources.values():
            assert source.text in page


def shown(value: object) -> str:
    """A value as the page has it."""
    if value is None:
        return "off"
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(f"{part:g}" if isinstance(part, int | float) else str(part) for part in values)
