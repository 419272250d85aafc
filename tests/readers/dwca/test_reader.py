"""Darwin Core Archives: what machines and people saw, what meta.xml says, and what it says wrongly."""

import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.readers.files import by_code, source
from tests.readers.tracks.files import read_with
from wildways.model import BadInput, LimitReached
from wildways.readers.dwca import DarwinCoreArchive

READER = DarwinCoreArchive()
TERMS = "http://rs.tdwg.org/dwc/terms/"
COLUMNS = (
    "occurrenceID",
    "basisOfRecord",
    "organismID",
    "eventType",
    "eventDate",
    "decimalLongitude",
    "decimalLatitude",
    "parentEventID",
    "coordinateUncertaintyInMeters",
)
FIX = ("f1", "MachineObservation", "0051", "gps", "2020-05-01T10:00:00Z", "6.5", "53.0", "d1", "12")


def table(
    kind: str,
    location: str,
    columns: Iterable[str],
    *,
    tag: str = "core",
    extra: str = "",
    attributes: str = "",
    id_index: int = 0,
) -> str:
    """A table of a meta.xml."""
    fields = "".join(f'<field index="{index}" term="{TERMS}{term}"/>' for index, term in enumerate(columns))
    id_name = "id" if tag == "core" else "coreid"
    return (
        f'<{tag} ignoreHeaderLines="1" rowType="{TERMS}{kind}" {attributes}><files><location>{location}</location>'
        f'</files><{id_name} index="{id_index}"/>{fields}{extra}</{tag}>'
    )


def meta(*tables: str) -> str:
    """A meta.xml."""
    return f'<archive xmlns="http://rs.tdwg.org/dwc/text/">{"".join(tables)}</archive>'


def occurrence(**changes: str) -> tuple[str, ...]:
    """A fix with some terms changed."""
    return tuple({**dict(zip(COLUMNS, FIX, strict=True)), **changes}.values())


def text(rows: Iterable[Iterable[str]], columns: Iterable[str] = COLUMNS, delimiter: str = ",") -> str:
    """A data file with a header."""
    return "\n".join(delimiter.join(row) for row in (columns, *rows)) + "\n"


def archive(folder: Path, rows: Iterable[Iterable[str]], declared: str | None = None, **more: str) -> Path:
    """An unpacked archive with a core of occurrences; its meta.xml."""
    (folder / "occurrence.csv").write_text(text(rows), encoding="utf-8")
    for name, content in more.items():
        (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
    file = folder / "meta.xml"
    file.write_text(declared or meta(table("Occurrence", "occurrence.csv", COLUMNS)), encoding="utf-8")
    return file


def pack(file: Path, target: Path, under: str = "") -> Path:
    """The ZIP archive of an unpacked one."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in sorted(file.parent.iterdir()):
            if part.suffix in (".xml", ".csv"):
                packed.write(part, under + part.name)
    return target


def test_machine_observations_are_fixes(tmp_path: Path) -> None:
    fixes, account, tables = read_with(READER, archive(tmp_path, [FIX, occurrence(occurrenceID="f2")]))
    assert (account.n_rows, account.n_kept) == (2, 2)
    assert fixes["organism_id"].to_pylist() == ["0051", "0051"]
    assert fixes["uncertainty_m"].to_pylist() == [12, 12]
    assert fixes["sensor_type"].to_pylist() == ["gps", "gps"]
    assert fixes["time_utc"][0].as_py() == datetime(2020, 5, 1, 10, tzinfo=UTC)
    assert tables["organism"]["organism_id"].to_pylist() == ["0051"]


@pytest.mark.parametrize("under", ["", "archive/", "../../"])
def test_a_zip_archive_is_read_as_its_folder_is_and_its_paths_are_not_used(tmp_path: Path, under: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    file = archive(inner, [FIX])
    packed = pack(file, inner / "archive.zip", under)
    assert READER.claims(packed)
    assert READER.claims(file)
    assert read_with(READER, packed)[0].equals(read_with(READER, file)[0])
    assert [found.name for found in tmp_path.iterdir()] == ["inner"]


def test_captures_and_tag_attachments_are_deployments_that_a_recovery_ends(tmp_path: Path) -> None:
    rows = [
        occurrence(basisOfRecord="HumanObservation", eventType="tag attachment", eventDate="2020-04-30T08:00Z"),
        FIX,
        occurrence(basisOfRecord="HumanObservation", eventType="Bio-logging sensor recovery", eventDate="2020-06-01"),
    ]
    fixes, account, tables = read_with(READER, archive(tmp_path, rows), source(time_zone="UTC"))
    assert (account.n_rows, account.n_kept, fixes.num_rows) == (3, 3, 1)
    assert tables["deployment"].to_pylist() == [
        {
            "study_id": "deer",
            "deployment_id": "d1",
            "organism_id": "0051",
            "tag_id": None,
            "deploy_on_utc": datetime(2020, 4, 30, 8, tzinfo=UTC),
            "deploy_off_utc": datetime(2020, 6, 1, 23, 59, 59, 999_999, tzinfo=UTC),
            "manipulation": None,
        }
    ]
    assert {code: finding.n_rows for code, finding in by_code(account).items() if not finding.refused} == {
        "core-id-repeated": 3,
        "study-assumed": 1,
        "tag-attachment": 1,
        "tag-end": 1,
        "taxon-missing": 1,
    }


def test_a_recovery_that_may_end_several_deployments_ends_none(tmp_path: Path) -> None:
    started = [
        occurrence(basisOfRecord="HumanObservation", eventType="capture", parentEventID=f"d{index}", occurrenceID="")
        for index in range(2)
    ]
    end = occurrence(
        basisOfRecord="HumanObservation", eventType="tag recovery", parentEventID="", eventDate="2020-06-01T00:00:00Z"
    )
    _, account, tables = read_with(READER, archive(tmp_path, [*started, end]))
    assert by_code(account)["tag-end-unmatched"].place.line == 4
    assert (account.n_rows, account.n_kept) == (3, 2)
    assert tables["deployment"]["deploy_off_utc"].null_count == 2


def test_a_deployment_that_starts_twice_is_counted_once(tmp_path: Path) -> None:
    _, account, _ = read_with(
        READER, archive(tmp_path, [occurrence(basisOfRecord="HumanObservation", eventType="capture")] * 2)
    )
    assert (account.n_kept, by_code(account)["deployment-repeated"].n_rows) == (1, 1)


def test_other_observations_of_known_animals_are_encounters(tmp_path: Path) -> None:
    rows = [
        occurrence(basisOfRecord="HumanObservation", eventType="ringing"),
        occurrence(basisOfRecord="HumanObservation", eventType="", eventDate="2020-05"),
        occurrence(basisOfRecord="HumanObservation", eventType="recovery", decimalLatitude="north"),
        occurrence(basisOfRecord="HumanObservation", organismID=""),
    ]
    fixes, account, tables = read_with(READER, archive(tmp_path, rows), source(taxon="Larus fuscus", time_zone="UTC"))
    found = tables["encounter"].to_pylist()
    assert (account.n_rows, account.n_kept, fixes.num_rows) == (4, 3, 0)
    assert [each["event"] for each in found] == ["marking", "resighting", "recovery"]
    assert [each["position_of"] for each in found] == ["marking-place", "finding-place", "finding-place"]
    assert [each["source_row"] for each in found] == [1, 2, 3]
    assert found[0]["start_utc"] == found[0]["end_utc"] == datetime(2020, 5, 1, 10, tzinfo=UTC)
    assert found[1]["end_utc"] == datetime(2020, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert (found[2]["longitude"], found[2]["latitude"], found[2]["uncertainty_m"]) == (None, None, None)
    assert '"eventType": "recovery"' in found[2]["verbatim"]
    codes = by_code(account)
    assert (codes["event-assumed"].n_rows, codes["position-unreadable"].n_rows) == (1, 1)
    assert codes["observed-no-animal"].refused
    assert tables["organism"]["taxon"].to_pylist() == ["Larus fuscus"]


def test_a_day_in_no_known_zone_is_every_moment_it_can_be(tmp_path: Path) -> None:
    row = occurrence(basisOfRecord="HumanObservation", eventType="resighting", eventDate="2020-05-01")
    _, account, tables = read_with(READER, archive(tmp_path, [row]))
    found = tables["encounter"].to_pylist()[0]
    assert found["start_utc"] == datetime(2020, 4, 30, 10, tzinfo=UTC)
    assert found["end_utc"] == datetime(2020, 5, 2, 11, 59, 59, 999_999, tzinfo=UTC)
    assert by_code(account)["time-zone-open"].n_rows == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"basisOfRecord": "PreservedSpecimen"}, "basis-other"),
        ({"basisOfRecord": ""}, "basis-other"),
        ({"eventType": "acoustic telemetry"}, "receiver-detection"),
        ({"eventDate": "2020-05-01"}, "time-interval"),
        ({"eventDate": "2020-05-01T00:00:00Z/2020-05-02T00:00:00Z"}, "time-interval"),
        ({"eventDate": "someday"}, "time-unreadable"),
        ({"eventDate": "2027-05-01T00:00:00Z"}, "time-future"),
        ({"organismID": ""}, "no-animal"),
        ({"decimalLatitude": "95"}, "latitude-range"),
        ({"decimalLongitude": ""}, "no-position"),
        ({"basisOfRecord": "HumanObservation", "eventDate": "2027-05-01"}, "observed-future"),
    ],
)
def test_a_bad_row_is_refused_counted_and_placed(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    fixes, account, _ = read_with(READER, archive(tmp_path, [FIX, occurrence(**changes), FIX]))
    finding = by_code(account)[code]
    assert (account.n_rows, account.n_kept, finding.n_rows, finding.refused) == (3, 2, 1, True)
    assert finding.place.line == 3
    assert fixes["source_row"].to_pylist() == [1, 3]


def test_absence_is_no_evidence_of_presence(tmp_path: Path) -> None:
    declared = meta(
        table(
            "Occurrence", "occurrence.csv", COLUMNS, extra=f'<field default="absent" term="{TERMS}occurrenceStatus"/>'
        )
    )
    assert by_code(read_with(READER, archive(tmp_path, [FIX], declared))[1])["absent"].n_rows == 1


def test_default_values_fill_what_is_empty(tmp_path: Path) -> None:
    extra = (
        f'<field default="Ovis aries" term="{TERMS}scientificName"/><field index="2" default="x" term="{TERMS}sex"/>'
    )
    declared = meta(table("Occurrence", "occurrence.csv", COLUMNS, extra=extra))
    assert read_with(READER, archive(tmp_path, [FIX], declared))[0]["taxon"].to_pylist() == ["Ovis aries"]


@pytest.mark.parametrize(
    ("delimiter", "enclosure", "encoding", "line_end"),
    [
        ("\t", "", "UTF-8", "\n"),
        (";", "'", "ISO-8859-1", "\r\n"),
        ("|", '"', "UTF-16", "\r"),
        (",", '"', "utf8", "\r\n"),
    ],
)
def test_files_are_read_as_meta_xml_says(
    tmp_path: Path, delimiter: str, enclosure: str, encoding: str, line_end: str
) -> None:
    row = [f"{enclosure}{cell}{enclosure}" for cell in occurrence(organismID="Möwe")]
    names = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\r\n": "\\r\\n", '"': "&quot;", "'": "&apos;", "": ""}
    attributes = (
        f'fieldsTerminatedBy="{names.get(delimiter, delimiter)}" fieldsEnclosedBy="{names[enclosure]}" '
        f'encoding="{encoding}" linesTerminatedBy="{names[line_end]}"'
    )
    file = archive(tmp_path, [], meta(table("Occurrence", "occurrence.csv", COLUMNS, attributes=attributes)))
    content = text([row, row], delimiter=delimiter).replace("\n", line_end)
    (tmp_path / "occurrence.csv").write_bytes(content.encode(encoding))
    fixes, account, _ = read_with(READER, file)
    assert account.n_kept == 2
    assert fixes["organism_id"].to_pylist() == ["Möwe", "Möwe"]
    assert not {code for code in by_code(account) if code.startswith("meta")}


def test_a_file_without_header_is_read_by_its_indexes(tmp_path: Path) -> None:
    declared = meta(table("Occurrence", "occurrence.csv", COLUMNS)).replace('ignoreHeaderLines="1"', "")
    file = archive(tmp_path, [], declared)
    (tmp_path / "occurrence.csv").write_text(",".join(FIX) + "\n")
    assert read_with(READER, file)[0]["source_row"].to_pylist() == [1]


def test_broken_lines_are_counted_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    file = archive(tmp_path, [FIX, FIX[:-2], FIX])
    with (tmp_path / "occurrence.csv").open("ab") as stream:
        stream.write(b"\n" + ",".join(occurrence(organismID="M\udc80we")).encode("utf-8", "surrogateescape") + b"\n")
    fixes, account, _ = read_with(READER, file)
    finding = by_code(account)["line-rejected"]
    assert (account.n_rows, finding.n_rows, finding.place.line) == (4, 2, 3)
    assert fixes["source_row"].to_pylist() == [1, 3]


def test_ids_that_do_not_resolve_are_found_and_the_term_is_used_instead(tmp_path: Path) -> None:
    columns = ("occurrenceID", "measurementType", "measurementValue")
    declared = meta(
        table("Occurrence", "occurrence.csv", COLUMNS, id_index=1),
        table("ExtendedMeasurementOrFact", "emof.csv", columns, tag="extension"),
    )
    measured = [("f1", "sex", "female"), ("f1", "life stage", "adult"), ("none", "sex", "male")]
    file = archive(
        tmp_path, [FIX, occurrence(occurrenceID="f2", organismID="b")], declared, emof_csv=text(measured, columns)
    )
    _, account, tables = read_with(READER, file)
    found = by_code(account)
    assert (found["core-id-repeated"].n_rows, found["core-id-repeated"].example) == (2, "MachineObservation")
    assert (found["core-id"].n_rows, found["measurement-orphan"].n_rows) == (2, 1)
    assert tables["organism"].select(["organism_id", "sex", "life_stage"]).to_pylist() == [
        {"organism_id": "0051", "sex": "f", "life_stage": "adult"},
        {"organism_id": "b", "sex": None, "life_stage": None},
    ]


def test_occurrences_take_from_their_events_what_they_do_not_say(tmp_path: Path) -> None:
    of_event = ("eventID", "eventType", "eventDate", "decimalLongitude", "decimalLatitude")
    events = [("e1", "gps", "2020-05-01T10:00:00Z", "1", "2"), ("e2", "gps", "2020-05-01T11:00:00Z", "3", "4")]
    of_occurrence = ("eventID", "basisOfRecord", "organismID", "decimalLatitude")
    rows = [
        ("e2", "MachineObservation", "a", ""),
        ("e1", "MachineObservation", "a", "9"),
        ("e3", "MachineObservation", "a", ""),
    ]
    declared = meta(
        table("Event", "event.csv", of_event), table("Occurrence", "occurrence.csv", of_occurrence, tag="extension")
    )
    file = archive(tmp_path, [], declared, event_csv=text(events, of_event))
    (tmp_path / "occurrence.csv").write_text(text(rows, of_occurrence))
    fixes, account, _ = read_with(READER, file)
    assert (account.n_rows, account.n_kept) == (3, 2)
    assert fixes.select(["source_row", "longitude", "latitude"]).to_pylist() == [
        {"source_row": 1, "longitude": 3, "latitude": 4},
        {"source_row": 2, "longitude": 1, "latitude": 9},
    ]
    assert by_code(account)["no-position"].n_rows == 1


def test_wrong_columns_of_meta_xml_give_way_to_a_header_of_terms(tmp_path: Path) -> None:
    declared = meta(table("Occurrence", "occurrence.csv", reversed(COLUMNS), id_index=0))
    fixes, account, _ = read_with(READER, archive(tmp_path, [FIX], declared))
    assert fixes["latitude"].to_pylist() == [53]
    assert by_code(account)["meta-columns"].example


def test_one_species_with_several_ids_is_told(tmp_path: Path) -> None:
    columns = (*COLUMNS, "scientificName", "scientificNameID", "geodeticDatum")
    rows = [(*FIX, "Prionace glauca", f"urn:lsid:marinespecies.org:taxname:10580{index}", "NAD27") for index in (1, 2)]
    file = archive(tmp_path, [], meta(table("Occurrence", "occurrence.csv", columns)))
    (tmp_path / "occurrence.csv").write_text(text(rows, columns))
    found = by_code(read_with(READER, file)[1])
    assert (found["taxon-ids"].n_rows, found["datum-other"].n_rows, found["datum-other"].example) == (2, 2, "NAD27")


BOMB = '<!DOCTYPE archive [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (BOMB + meta(table("Occurrence", "occurrence.csv", COLUMNS)), "xml-doctype"),
        ("<archive>", "xml-malformed"),
        ("<archive/>", "meta-core"),
        (meta(table("Taxon", "occurrence.csv", COLUMNS)), "no-occurrences"),
        (meta(table("Occurrence", "nothing.csv", COLUMNS)), "archive-file"),
        (meta(table("Occurrence", "/etc/passwd", COLUMNS)), "archive-file"),
        (meta(table("Occurrence", "../../../etc/passwd", COLUMNS)), "archive-file"),
        (meta(table("Occurrence", "occurrence.csv", COLUMNS, attributes='encoding="idna"')), "meta-value"),
        (meta(table("Occurrence", "occurrence.csv", COLUMNS, attributes='fieldsTerminatedBy="::"')), "meta-value"),
        (meta(table("Occurrence", "occurrence.csv", COLUMNS, attributes='linesTerminatedBy="~"')), "meta-value"),
        (meta(table("Occurrence", "occurrence.csv", COLUMNS, id_index=99_999)), "meta-value"),
        (meta(table("Occurrence", "other.csv", ("eventDate",))), "columns"),
    ],
)
def test_a_bad_meta_xml_is_refused(tmp_path: Path, declared: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_with(READER, archive(tmp_path, [], declared, other_csv="moment\n2020-05-01\n"))
    assert caught.value.code == code
    assert caught.value.place.file


def test_an_archive_without_meta_xml_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("occurrence.csv", text([FIX]))
    assert not READER.claims(tmp_path / "a.zip")
    with pytest.raises(BadInput) as caught:
        read_with(READER, tmp_path / "a.zip")
    assert caught.value.code == "meta-missing"


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    file = archive(tmp_path, [])
    (tmp_path / "occurrence.csv").write_bytes(b"x" * 10_000_000)
    with pytest.raises(LimitReached) as caught:
        read_with(READER, file)
    assert caught.value.code == "line-length"


def test_the_oystercatchers_of_movepub_with_their_wrong_id(shared: Path) -> None:
    """5,827 occurrences: 5,820 GPS positions of 4 birds and 7 tag attachments of 6; id is dataGeneralizations."""
    fixes, account, tables = read_with(READER, shared / "data/oystercatcher_o_assen/dwca/meta.xml")
    found = by_code(account)
    assert (account.n_rows, account.n_kept, fixes.num_rows) == (5827, 5827, 5820)
    assert (tables["deployment"].num_rows, tables["organism"].num_rows) == (7, 6)
    assert set(found) == {"core-id-repeated", "core-id", "tag-attachment"}
    assert (found["core-id-repeated"].n_rows, found["core-id"].n_rows, found["tag-attachment"].n_rows) == (5826, 14, 7)
    assert fixes["uncertainty_m"].null_count == 9
    assert set(tables["organism"]["life_stage"].to_pylist()) == {"adult"}


def test_the_cougar_and_the_coyotes_with_a_meta_xml_that_is_wrong_throughout(shared: Path) -> None:
    """36 occurrences: 30 GPS positions, 3 captures and 3 recoveries, one of them with the time …+00:00T."""
    fixes, account, tables = read_with(READER, shared / "data/cougar_mahoney_dwc/DwC-A/meta.xml")
    found = by_code(account)
    assert (account.n_rows, account.n_kept, fixes.num_rows) == (36, 35, 30)
    assert tables["organism"]["organism_id"].to_pylist() == ["F53", "IdCoy_P3_1"]
    assert tables["deployment"]["deploy_off_utc"].null_count == 1
    assert {code for code, finding in found.items() if finding.refused} == {"tag-end-unmatched"}
    assert found["date-unreadable"].example == "2014-11-05T00:00:00.000+00:00T"
    assert {"meta-file", "meta-delimiter", "meta-columns", "extension-missing", "core-id-repeated"} <= set(found)


def test_the_blue_sharks_name_no_animal_unless_the_source_takes_the_event_for_it(shared: Path) -> None:
    """3,137 occurrences without organismID: 3,120 positions in 17 deployments, and 17 tag attachments."""
    file = shared / "data/blueshark_braun/dwca/meta.xml"
    _, account, _ = read_with(READER, file, source(time_zone="UTC"))
    found = by_code(account)
    assert (account.n_rows, account.n_kept) == (3137, 0)
    assert (found["no-animal"].n_rows, found["observed-no-animal"].n_rows, found["taxon-ids"].n_rows) == (3120, 17, 17)
    mapped = source(time_zone="UTC", columns={"individual-local-identifier": "eventID"})
    fixes, account, tables = read_with(READER, file, mapped)
    assert (account.n_kept, fixes.num_rows, tables["organism"].num_rows) == (3120, 3120, 17)
    assert by_code(account)["core-id"].n_rows == 3120
