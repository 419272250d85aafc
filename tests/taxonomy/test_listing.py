"""CMS listings: the seed list, and lists that a Party supplies."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.model import BadInput, LimitReached, NotFound
from wildways.taxonomy import Listing, cms_status, listing, read_cms_listing

SPECIES_PLUS = (
    "Id,Phylum,Class,Order,Family,Genus,ScientificName,Author,Rank,Agreement,Listing,Listed under,Date,Note\n"
    '1,Chordata,Reptilia,Testudinata,Cheloniidae,Chelonia,Chelonia mydas,"(Linnaeus, 1758)",SPECIES,'
    '"IOSEA","I/II","**I** Chelonia mydas\n**II** Cheloniidae spp.","**I** 24/01/1986\n**II** 01/11/1983",""\n'
    '2,Chordata,Mammalia,Artiodactyla,Bovidae,Procapra,Procapra gutturosa,"(Pallas, 1777)",SPECIES,,II,'
    "Procapra gutturosa,**II** 23/12/2002,\n"
)


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _summary(listings: tuple[Listing, ...]) -> list[tuple[str, str, str]]:
    return [(row.appendix, row.listed, row.listed_under) for row in listings]


def test_a_turtle_is_listed_itself_and_through_its_family() -> None:
    assert _summary(cms_status("Chelonia mydas")) == [("I", "1986-01-24", ""), ("II", "1983-11-01", "Cheloniidae")]


def test_a_listing_may_cover_some_populations_only() -> None:
    first, second = cms_status("Otis tarda")
    assert (first.appendix, first.population) == ("I", "Middle-European population")
    assert (second.appendix, second.population) == ("II", "")


@pytest.mark.parametrize(
    "taxon", ["panthera-uncia", "Panthera uncia", "Uncia uncia", "panthera UNCIA (Schreber, 1775)"]
)
def test_a_taxon_may_be_given_by_id_or_by_any_of_its_names(taxon: str) -> None:
    assert _summary(cms_status(taxon)) == [("I", "1986-01-24", "")]


def test_a_species_that_the_list_does_not_have_has_no_listing() -> None:
    assert cms_status("Antilocapra americana") == ()


@pytest.mark.parametrize("taxon", ["Ciconia cicona", "no-such-taxon", ""])
def test_the_status_of_what_is_no_taxon_is_not_found(taxon: str) -> None:
    with pytest.raises(NotFound) as caught:
        cms_status(taxon)
    assert caught.value.code == "unknown-taxon"


def test_a_list_is_read_and_answers_instead_of_the_seed(tmp_path: Path) -> None:
    text = (
        "scientific_name,appendix,listed,population\nGazella dama,I,1979,\nAntilocapra americana,II,2026-06-27,Mexico\n"
    )
    listed = read_cms_listing(_write(tmp_path, text))
    assert [row.taxon_id for row in listed.listings] == ["nanger-dama", "antilocapra-americana"]
    (row,) = cms_status("Antilocapra americana", listings=listed.listings)
    assert (row.appendix, row.listed, row.population) == ("II", "2026-06-27", "Mexico")
    assert cms_status("Chelonia mydas", listings=listed.listings) == ()
    assert (listed.report.n_rows, listed.report.n_kept, listed.report.findings) == (2, 2, ())


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_species_plus_export_is_read(tmp_path: Path, separator: str) -> None:
    text = SPECIES_PLUS
    if separator == ";":
        text = text.replace('"(Linnaeus, 1758)"', "L.").replace('"(Pallas, 1777)"', "P.").replace(",", ";")
    listed = read_cms_listing(_write(tmp_path, text))
    assert _summary(listed.listings) == [
        ("I", "1986-01-24", "Chelonia mydas"),
        ("II", "1983-11-01", "Cheloniidae spp."),
        ("II", "2002-12-23", "Procapra gutturosa"),
    ]
    assert listed.report.n_kept == 2


def test_names_that_are_not_in_the_table_are_kept_and_reported(tmp_path: Path) -> None:
    listed = read_cms_listing(_write(tmp_path, "scientific_name,appendix\nDanaus plexippus,II\nCiconia cicona,II\n"))
    assert [row.taxon_id for row in listed.listings] == [None, None]
    (finding,) = listed.report.findings
    assert (finding.code, finding.n_rows, finding.refused) == ("unknown-taxon", 2, False)
    assert finding.example == "Danaus plexippus, Ciconia cicona"


def test_a_repeated_row_is_refused_and_counted(tmp_path: Path) -> None:
    listed = read_cms_listing(
        _write(tmp_path, "scientific_name,appendix\nOtis tarda,I\n\nOtis tarda,I\nOtis tarda,II\n")
    )
    assert len(listed.listings) == 2
    assert listed.report.refused_by_reason == {"duplicate-row": 1}
    assert listed.report.n_rows == listed.report.n_kept + listed.report.n_refused == 3


HEAD = "scientific_name,appendix,listed\n"


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("", "list-not-csv", None, None),
        ("name,appendix\nOtis tarda,I\n", "no-such-column", 1, "scientific_name"),
        ("scientific_name\nOtis tarda\n", "no-such-column", 1, "appendix"),
        (HEAD + "Otis tarda,I\n", "list-not-csv", 2, None),
        (HEAD + "Otis tarda,III,2002\n", "bad-appendix", 2, "appendix"),
        (HEAD + "Otis tarda,,2002\n", "bad-appendix", 2, "appendix"),
        (HEAD + "Otis tarda,I,1986\n ,I,2002\n", "missing-value", 3, "scientific_name"),
        (HEAD + "Otis tarda,I,31/02/2002\n", "bad-listing-date", 2, "listed"),
        (HEAD + "Otis tarda,I,2002-13-01\n", "bad-listing-date", 2, "listed"),
        (HEAD + "Otis tarda,I,1978\n", "bad-listing-date", 2, "listed"),
        (HEAD + "Otis tarda,I,in 2002\n", "bad-listing-date", 2, "listed"),
        (HEAD + 'Otis tarda,I,"2002\n', "list-not-csv", 2, None),
        (HEAD + f"Otis tarda,I,{'2' * 140_000}\n", "list-not-csv", 2, None),
    ],
)
def test_bad_lists_are_refused_with_their_place(
    tmp_path: Path, text: str, code: str, line: int | None, field: str | None
) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_cms_listing(path)
    place = caught.value.place
    assert (caught.value.code, place.file, place.line, place.field) == (code, path, line, field)


def test_a_list_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(HEAD.encode() + "Otis tarda,I,Österreich\n".encode("latin-1"))
    with pytest.raises(BadInput) as caught:
        read_cms_listing(path)
    assert (caught.value.code, caught.value.place.line) == ("list-not-utf8", 2)


def test_a_list_that_is_missing_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound) as missing:
        read_cms_listing(tmp_path / "none.csv")
    assert missing.value.code == "no-such-file"
    monkeypatch.setattr(listing, "MAX_LIST_BYTES", 10)
    with pytest.raises(LimitReached) as large:
        read_cms_listing(_write(tmp_path, HEAD))
    assert large.value.code == "list-too-large"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("lists") / "list.csv"
    path.write_text(HEAD + text, encoding="utf-8", newline="")
    try:
        report = read_cms_listing(path).report
    except BadInput as error:
        assert error.place.file == path
    else:
        assert report.n_rows == report.n_kept + report.n_refused


def test_a_full_list_is_read_in_seconds(tmp_path: Path) -> None:
    rows = "".join(
        f"Genus{chr(97 + n % 26)} epithet{chr(97 + n // 26 % 26)},II,{1979 + n // 676}\n" for n in range(5_000)
    )
    assert len(read_cms_listing(_write(tmp_path, HEAD + rows)).listings) == 5_000
