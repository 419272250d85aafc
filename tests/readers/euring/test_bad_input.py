"""Broken EURING files: every line that is no record is refused, counted and named; nothing else is raised."""

import gzip
from pathlib import Path

import pytest

from tests.readers.euring.records import by_code, decimal, fixed, piped, read, source, write
from wildways.model import BadInput, LimitReached, WildwaysError
from wildways.readers import ReadingOptions
from wildways.readers.euring import Euring
from wildways.readers.euring import layout as euring_layout

N_MUTATIONS = 1_200


@pytest.mark.parametrize(
    ("line", "code", "field", "example"),
    [
        (fixed()[:80], "record-width", None, fixed()[:80]),
        (fixed() + "X", "record-width", None, fixed()[:80]),
        ("DEH", "record-width", None, "DEH"),
        ("a|b", "field-count", None, "a|b"),
        (piped(29), "field-count", None, piped(29)[:80]),
        (piped(64) + "|", "field-count", None, piped()[:80]),
        (piped(date="0406200"), "field-width", "date", "0406200"),
        (piped(place_code="DESDE"), "field-width", "place_code", "DESDE"),
        (piped(ringing_scheme="D"), "field-width", "ringing_scheme", "D"),
        (fixed(place_code='D"SD'), "characters", None, None),
        (fixed(place_code="D\\SD"), "characters", None, None),
        (fixed(place_code="D\0SD"), "characters", None, None),
        (fixed(place_code="DÄSD"), "characters", None, None),
        (piped(remarks="x", status="\x7f"), "characters", None, None),
        (fixed(ringing_scheme="D-H"), "scheme-unreadable", "ringing_scheme", "D-H"),
        (piped(ringing_scheme=""), "scheme-unreadable", "ringing_scheme", None),
        (fixed(identification_number="OA97604..."), "ring-unreadable", "identification_number", "OA97604..."),
        (fixed(identification_number="----------"), "ring-unreadable", "identification_number", "----------"),
        (fixed(identification_number="..........") , "ring-unreadable", "identification_number", ".........."),
        (fixed(identification_number="oa...97604"), "ring-unreadable", "identification_number", "oa...97604"),
        (piped(identification_number=""), "ring-unreadable", "identification_number", None),
        (fixed(date="31022004"), "date-unreadable", "date", "31022004"),
        (fixed(date="00062004"), "date-unreadable", "date", "00062004"),
        (fixed(date="04132004"), "date-unreadable", "date", "04132004"),
        (fixed(date="29021900"), "date-unreadable", "date", "29021900"),
        (fixed(date="04061889"), "date-unreadable", "date", "04061889"),
        (fixed(date="04-62004"), "date-unreadable", "date", "04-62004"),
        (fixed(date="    2004"), "date-unreadable", "date", "2004"),
        (fixed(date="03012026"), "date-future", "date", "03012026"),
        (fixed(date="01019999"), "date-future", "date", "01019999"),
        (fixed(geographical_coordinates="+546130-0005500"), "position-unreadable", "geographical_coordinates", None),
        (fixed(geographical_coordinates="+900001-0005500"), "position-unreadable", "geographical_coordinates", None),
        (fixed(geographical_coordinates="+541530-1800001"), "position-unreadable", "geographical_coordinates", None),
        (fixed(geographical_coordinates=" 541530-0005500"), "position-unreadable", "geographical_coordinates", None),
        (fixed(geographical_coordinates="+5415.0-0005500"), "position-unreadable", "geographical_coordinates", None),
        (decimal("91"), "position-unreadable", "latitude", "91"),
        (decimal("54,2"), "position-unreadable", "latitude", "54,2"),
        (decimal("nan"), "position-unreadable", "latitude", "nan"),
        (decimal("1e1"), "position-unreadable", "latitude", "1e1"),
        (decimal(""), "position-unreadable", "latitude", None),
        (decimal(longitude=""), "position-unreadable", "longitude", None),
        (decimal(longitude="-180.0001"), "position-unreadable", "longitude", "-180.0001"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_record_is_refused_counted_and_placed(
    tmp_path: Path, line: str, code: str, field: str | None, example: str | None
) -> None:
    rows, account, _ = read(write(tmp_path, [fixed(), "", piped(), line, decimal(), line]))
    finding = by_code(account)[code]
    assert (account.n_rows, account.n_kept) == (5, 3)
    assert [row["source_row"] for row in rows] == [1, 2, 4]
    assert finding.refused
    assert finding.n_rows == 2
    assert (finding.place.file, finding.place.line, finding.place.field) == ("rings.txt", 4, field)
    assert example is None or finding.example == example
    assert finding.message
    assert finding.hint


@pytest.mark.parametrize(
    ("line", "code", "field", "example"),
    [
        (fixed(date="--------"), "date-missing", "date", "--------"),
        (piped(date=""), "date-missing", "date", None),
        (fixed(date=" 4 62004"), "date-padded", "date", "4 62004"),
        (fixed(time="1060"), "time-unreadable", "time", "1060"),
        (fixed(time="2400"), "time-unreadable", "time", "2400"),
        (fixed(time="noon"), "time-unreadable", "time", "noon"),
        (fixed(geographical_coordinates="." * 15), "position-missing", "geographical_coordinates", "." * 15),
        (piped(geographical_coordinates=""), "position-missing", "geographical_coordinates", None),
        (fixed(geographical_coordinates="+000000+0000000"), "position-zero", "geographical_coordinates", None),
        (fixed(accuracy_of_coordinates="8"), "accuracy-code", "accuracy_of_coordinates", "8"),
        (fixed(accuracy_of_coordinates="-"), "accuracy-missing", "accuracy_of_coordinates", "-"),
        (fixed(ringing_scheme="QQQ"), "scheme-code", "ringing_scheme", "QQQ"),
        (fixed(primary_identification_method="Q0"), "mark-code", "primary_identification_method", "Q0"),
        (fixed(species_concluded="1515A"), "species-code", "species_concluded", "1515A"),
    ],
)
def test_what_can_be_kept_is_kept_and_remarked_on(
    tmp_path: Path, line: str, code: str, field: str, example: str | None
) -> None:
    rows, account, _ = read(write(tmp_path, [fixed(), line]))
    finding = by_code(account)[code]
    assert (len(rows), account.n_rows, account.n_kept) == (2, 2, 2)
    assert (finding.refused, finding.n_rows, finding.place.line, finding.place.field) == (False, 1, 2, field)
    assert example is None or finding.example == example


def test_remarks_leave_refused_lines_out_and_reasons_come_one_a_line(tmp_path: Path) -> None:
    line = fixed(date="31022004", identification_number="A.........", condition="X", geographical_coordinates="?" * 15)
    _, account, _ = read(write(tmp_path, [line, fixed()]))
    assert {code: finding.n_rows for code, finding in by_code(account).items()} == {
        "ring-unreadable": 1,
        "time-zone-open": 1,
    }


def test_blank_lines_byte_order_marks_and_padding_are_no_rows(tmp_path: Path) -> None:
    file = tmp_path / "rings.txt"
    lines = ["", "  \t", fixed() + "   ", fixed()[:86], "\x1a"]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    rows, account, _ = read(file)
    assert (account.n_rows, account.n_kept, len(rows)) == (2, 2, 2)


def _refusal(file: Path, **settings: object) -> WildwaysError:
    with pytest.raises(WildwaysError) as caught:
        read(file, source(**settings))
    return caught.value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf", "file-empty"),
        (b" \r\n \r\n", "file-empty"),
        (b"\x1a", "file-empty"),
        (b"\x1f\x8bno", "gzip-damaged"),
        (gzip.compress(fixed().encode() * 900, mtime=0)[:-9], "gzip-damaged"),
        (b"x" * 3_000_000, "not-euring"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "rings.txt"
    file.write_bytes(content)
    error = _refusal(file)
    assert isinstance(error, BadInput)
    assert (error.code, error.place.file) == (code, "rings.txt")
    assert error.hint


def test_missing_files_folders_and_zones_are_refused(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "none").code == "file-missing"
    assert _refusal(tmp_path).code == "file-kind"
    error = _refusal(write(tmp_path, [fixed()]), time_zone="Europe/Atlantis")
    assert (error.code, error.place.field) == ("time-zone-unknown", "time_zone")


def test_a_file_of_anything_else_is_all_refused(tmp_path: Path) -> None:
    _, account, tables = read(write(tmp_path, ["timestamp,location-long,location-lat", "2020,1,2"]))
    assert (account.n_rows, account.n_kept) == (2, 0)
    assert by_code(account)["record-width"].n_rows == 2
    assert tables == {"study": [], "organism": []}


def test_lines_and_rows_are_counted_on_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for _ in range(40) for line in (fixed(), "", piped(), decimal(), "broken")]
    file = write(tmp_path, lines)
    whole = read(file)
    monkeypatch.setattr(euring_layout, "BLOCK_BYTES", 333)
    assert read(file) == whole
    assert [row["source_row"] for row in whole[0]][-3:] == [157, 158, 159]
    assert by_code(whole[1])["record-width"].place.line == 5


def test_intermediate_files_are_gone_after_reading_and_a_full_disk_is_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, scratch = write(tmp_path, [fixed()]), tmp_path / "scratch"
    scratch.mkdir()
    with Euring().read(file, source(), ReadingOptions(scratch_folder=scratch)) as reading:
        assert reading.tables()["encounter"].num_rows == 1
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wildways.readers.euring.reading.pa.ipc.new_file", fail)
    error = _refusal(file)
    assert isinstance(error, LimitReached)
    assert "No space left" in error.message
