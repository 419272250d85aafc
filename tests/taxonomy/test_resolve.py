"""Names lead to one taxon or to none."""

import csv
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.taxonomy import NameStatus, get_taxon, resolve_name, resolve_names
from wildways.taxonomy.suggest import MAX_DISTANCE, MAX_SUGGESTIONS, edit_distance
from wildways.taxonomy.tables import accepted_names, synonyms

ACCEPTED = st.sampled_from(sorted(accepted_names()))
LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize(
    ("verbatim", "status", "accepted"),
    [
        ("Ciconia ciconia", NameStatus.EXACT, "Ciconia ciconia"),
        ("Ciconia ciconia (Linnaeus, 1758)", NameStatus.NORMALISED, "Ciconia ciconia"),
        (" ciconia   CICONIA ", NameStatus.NORMALISED, "Ciconia ciconia"),
        ("Ciconia_ciconia", NameStatus.NORMALISED, "Ciconia ciconia"),
        ("CICONIA CICONIA", NameStatus.NORMALISED, "Ciconia ciconia"),
        ("Turdus viscivorus van den Berg, 1800", NameStatus.NORMALISED, "Turdus viscivorus"),
        ("Martes pennanti", NameStatus.SYNONYM, "Pekania pennanti"),
        ("Martes pennanti (Erxleben, 1777)", NameStatus.SYNONYM, "Pekania pennanti"),
        ("Phoca hispida", NameStatus.SYNONYM, "Pusa hispida"),
        ("Uncia uncia", NameStatus.SYNONYM, "Panthera uncia"),
        ("Grus leucogeranus", NameStatus.SYNONYM, "Leucogeranus leucogeranus"),
        ("Larus (Chroicocephalus) genei", NameStatus.SYNONYM, "Chroicocephalus genei"),
        ("Cervus elaphus bactrianus", NameStatus.SYNONYM, "Cervus hanglu"),
        ("Saiga tatarica mongolica", NameStatus.SYNONYM, "Saiga borealis"),
    ],
)
def test_a_name_leads_to_its_taxon(verbatim: str, status: NameStatus, accepted: str) -> None:
    resolution = resolve_name(verbatim)
    assert (resolution.status, resolution.scientific_name) == (status, accepted)
    assert resolution.verbatim == verbatim
    assert resolution.taxon_id is not None
    assert get_taxon(resolution.taxon_id).scientific_name == accepted


@pytest.mark.parametrize(
    "verbatim",
    ["Equus hemionus hemionus", "Equus hemionus hemionus Pallas, 1775", "Equus hemionus subsp. hemionus"],
)
def test_a_subspecies_leads_to_its_species_and_says_so(verbatim: str) -> None:
    resolution = resolve_name(verbatim)
    assert resolution.scientific_name == "Equus hemionus"
    assert resolution.note == "Subspecies hemionus of Equus hemionus."


@pytest.mark.parametrize(
    ("verbatim", "meant"),
    [
        ("Ciconia cicona", "Ciconia ciconia"),
        ("Cionica ciconia", "Ciconia ciconia"),
        ("Lanius colurio", "Lanius collurio"),
        ("Martes penanti", "Pekania pennanti"),
        ("Chelonia mydsa (Linnaeus, 1758)", "Chelonia mydas"),
    ],
)
def test_a_typing_error_is_suggested_and_never_guessed(verbatim: str, meant: str) -> None:
    resolution = resolve_name(verbatim)
    assert resolution.status is NameStatus.MISSPELT
    assert resolution.taxon_id is None
    assert resolution.scientific_name is None
    assert resolution.suggestions[0].scientific_name == meant
    assert 1 <= resolution.suggestions[0].distance <= MAX_DISTANCE


@pytest.mark.parametrize("verbatim", ["Lanius cf. collurio", "Lanius aff. collurio", "Lanius collurio ?"])
def test_a_doubtful_identification_stays_open(verbatim: str) -> None:
    resolution = resolve_name(verbatim)
    assert resolution.status is NameStatus.UNKNOWN
    assert resolution.taxon_id is None
    assert resolution.suggestions[0].scientific_name == "Lanius collurio"


@pytest.mark.parametrize(
    ("verbatim", "why"),
    [
        ("Gavia sp.", "Only the genus Gavia is named."),
        ("Gavia spp", "Only the genus Gavia is named."),
        ("Gavia", "Only the genus Gavia is named."),
        ("Anas platyrhynchos x Anas acuta", "A hybrid is no single taxon."),
        ("Anas platyrhynchos × acuta", "A hybrid is no single taxon."),
        ("", "This is not a scientific name."),
        ("urn:lsid:marinespecies.org:taxname:105801", "This is not a scientific name."),
        ("a" * 100_000, "This is not a scientific name."),
        (None, "no name"),
    ],
)
def test_what_names_no_species_resolves_to_nothing(verbatim: str | None, why: str) -> None:
    resolution = resolve_name(verbatim)
    assert (resolution.status, resolution.taxon_id, resolution.suggestions) == (NameStatus.UNKNOWN, None, ())
    assert resolution.note == why


def test_a_name_in_another_genus_is_suggested_by_its_epithet() -> None:
    names = [suggestion.scientific_name for suggestion in resolve_name("Felis pennanti").suggestions]
    assert "Pekania pennanti" in names
    assert len(names) <= MAX_SUGGESTIONS


@given(ACCEPTED)
def test_an_accepted_name_resolves_to_itself(name: str) -> None:
    resolution = resolve_name(name)
    assert (resolution.status, resolution.scientific_name) == (NameStatus.EXACT, name)


@given(ACCEPTED, st.data())
def test_case_and_space_do_not_matter(name: str, data: st.DataObject) -> None:
    cases = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    space = data.draw(st.text(" \t_\u00a0", min_size=1, max_size=3))
    written = "".join(letter.upper() if up else letter.lower() for letter, up in zip(name, cases, strict=True))
    assert resolve_name(f" {written.replace(' ', space)} ").scientific_name == name


@given(st.sampled_from(sorted(synonyms())))
def test_a_synonym_resolves_to_its_taxon(name: str) -> None:
    resolution = resolve_name(name)
    assert (resolution.status, resolution.taxon_id) == (NameStatus.SYNONYM, synonyms()[name])


@given(ACCEPTED, LETTERS, st.data())
def test_a_name_with_one_wrong_letter_is_never_taken_for_the_right_one(
    name: str, letter: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(min_value=name.index(" ") + 1, max_value=len(name) - 1))
    wrong = name[:at] + letter + name[at + 1 :]
    resolution = resolve_name(wrong)
    if wrong == name or resolution.taxon_id is not None:
        assert wrong in accepted_names() or wrong in synonyms()
    else:
        assert any(suggestion.distance <= 1 for suggestion in resolution.suggestions)


@given(st.text(max_size=400))
def test_any_text_is_answered(text: str) -> None:
    assert resolve_name(text).verbatim == text


@given(st.text(LETTERS, max_size=8), st.text(LETTERS, max_size=8), st.integers(0, 8))
def test_the_edit_distance_is_symmetric_and_honours_its_limit(left: str, right: str, limit: int) -> None:
    distance = edit_distance(left, right)
    assert distance == edit_distance(right, left)
    assert (distance == 0) == (left == right)
    assert abs(len(left) - len(right)) <= distance <= max(len(left), len(right))
    limited = edit_distance(left, right, limit=limit)
    assert limited == distance if distance <= limit else limited > limit


def test_swapped_neighbours_are_one_edit() -> None:
    assert edit_distance("cionica", "ciconia") == edit_distance("ciocnia", "ciconia") + 1 == 2


def test_a_hundred_thousand_names_take_less_than_two_seconds() -> None:
    names = ["Ciconia ciconia", "Martes pennanti", "Lanius colurio", None] * 25_000
    start = time.perf_counter()
    resolutions = resolve_names(names)
    assert time.perf_counter() - start < 2
    assert [resolution.verbatim for resolution in resolutions[:4]] == [
        "Ciconia ciconia",
        "Martes pennanti",
        "Lanius colurio",
        "",
    ]
    assert len(resolutions) == len(names)


def test_every_species_of_the_real_data_resolves(shared: Path) -> None:
    rows = csv.DictReader((shared / "data" / "MANIFEST.csv").read_text(encoding="utf-8").splitlines())
    names = {name for row in rows for name in re.findall(r"\b[A-Z][a-z]+ [a-z]{4,}\b", _in_parentheses(row["species"]))}
    assert len(names) >= 27
    unresolved = [name for name in sorted(names) if resolve_name(name).taxon_id is None]
    assert unresolved == []


def _in_parentheses(text: str) -> str:
    return " / ".join(re.findall(r"\(([^)]*)\)", text))
