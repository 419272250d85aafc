"""GPX: tracks are animals, points are fixes, and what is neither is counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.readers.files import by_code, source
from tests.readers.tracks.files import read_with, write_text
from wildways.model import BadInput, LimitReached
from wildways.readers.tracks import Gpx

POINT = '<trkpt lat="48.1" lon="7.7"><ele>3</ele><time>2018-07-30T02:00:23Z</time></trkpt>\n'
GPX = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">\n{}</gpx>\n'


def track(points: str = POINT, name: str = "<name>Angela</name>") -> str:
    """A track with one segment."""
    return f"<trk>{name}<trkseg>\n{points}</trkseg></trk>\n"


def gpx(folder: Path, *parts: str, name: str = "stork.gpx") -> Path:
    """A GPX file."""
    return write_text(folder, name, GPX.format("".join(parts)))


def test_each_track_is_an_animal_and_each_point_a_fix(tmp_path: Path) -> None:
    fixes, account, tables = read_with(Gpx(), gpx(tmp_path, track(POINT * 2), track(name="<name>Berta</name>")))
    assert (account.n_rows, account.n_kept) == (3, 3)
    assert fixes["organism_id"].to_pylist() == ["Angela", "Angela", "Berta"]
    assert fixes["time_utc"].to_pylist()[0] == datetime(2018, 7, 30, 2, 0, 23, tzinfo=UTC)
    assert (fixes["longitude"][0].as_py(), fixes["latitude"][0].as_py()) == (7.7, 48.1)
    assert fixes["source_row"].to_pylist() == [1, 2, 3]
    assert tables["organism"]["organism_id"].to_pylist() == ["Angela", "Berta"]


def test_gpx_1_0_and_prefixed_names_are_read_alike(tmp_path: Path) -> None:
    text = GPX.format(track()).replace("1/1", "1/0").replace("1.1", "1.0")
    prefixed = text.replace("</", "</g:").replace("<", "<g:").replace("<g:/g:", "</g:").replace("<g:?", "<?")
    prefixed = prefixed.replace("xmlns=", "xmlns:g=")
    for index, content in enumerate((text, prefixed)):
        assert read_with(Gpx(), write_text(tmp_path, f"{index}.gpx", content))[1].n_kept == 1


def test_extensions_do_not_pass_for_times_or_points(tmp_path: Path) -> None:
    extension = "<extensions><time>1999-01-01T00:00:00Z</time><trkpt lat='1' lon='2'/></extensions></trkpt>"
    fixes, account, _ = read_with(Gpx(), gpx(tmp_path, track(POINT.replace("</trkpt>", extension))))
    assert account.n_rows == 1
    assert fixes["time_utc"][0].as_py().year == 2018


def test_waypoints_and_routes_are_counted_not_read(tmp_path: Path) -> None:
    places = '<wpt lat="1" lon="2"><time>2018-07-30T02:00:23Z</time></wpt>\n' * 2
    route = '<rte><rtept lat="1" lon="2"/></rte>\n'
    fixes, account, _ = read_with(Gpx(), gpx(tmp_path, places, route, track()))
    found = by_code(account)
    assert (account.n_rows, account.n_kept) == (4, 1)
    assert (found["waypoint"].n_rows, found["waypoint"].place.line) == (2, 3)
    assert (found["route-point"].n_rows, found["route-point"].place.line) == (1, 5)
    assert fixes["source_row"].to_pylist() == [4]


def test_a_point_without_time_or_position_is_refused_where_it_stands(tmp_path: Path) -> None:
    points = [POINT, '<trkpt lat="48.1" lon="7.7"/>\n', '<trkpt lat="48.1"/>\n', POINT.replace("48.1", "98.1")]
    _, account, _ = read_with(Gpx(), gpx(tmp_path, track("".join(points))))
    found = by_code(account)
    assert account.n_kept == 1
    assert [found[code].place.line for code in ("time-missing", "no-position", "latitude-range")] == [5, 6, 7]


def test_a_track_without_a_name_names_no_animal_unless_the_source_says_what_does(tmp_path: Path) -> None:
    file = gpx(tmp_path, track(name=""))
    finding = by_code(read_with(Gpx(), file)[1])["no-animal"]
    assert "file-name" in (finding.hint or "")
    mapped = source(columns={"individual_local_identifier": "file-name"})
    assert read_with(Gpx(), file, mapped)[0]["organism_id"].to_pylist() == ["stork"]


def test_times_without_offset_are_utc_as_the_format_demands_unless_the_source_says_otherwise(tmp_path: Path) -> None:
    file = gpx(tmp_path, track(POINT.replace("23Z", "23")))
    assert read_with(Gpx(), file)[0]["time_utc"][0].as_py().hour == 2
    assert read_with(Gpx(), file, source(time_zone="Europe/Berlin"))[0]["time_utc"][0].as_py().hour == 0


def test_the_sample_track_has_its_2241_fixes(shared: Path) -> None:
    fixes, account, tables = read_with(Gpx(), shared / "data/gpx_stork/stork.gpx", source(taxon="Ciconia ciconia"))
    assert (account.n_rows, account.n_kept, fixes.num_rows) == (2241, 2241, 2241)
    assert tables["organism"].num_rows == 1
    assert set(by_code(account)) == {"study-assumed"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<kml/>", "not-gpx"),
        ("<gpx>", "xml-malformed"),
        ("<gpx><trk></gpx>", "xml-malformed"),
        ("<gpx/>", "no-rows"),
        ("no xml", "xml-malformed"),
        ("", "file-empty"),
        ('<?xml version="1.0" encoding="klingon"?><gpx/>', "xml-malformed"),
        ("<gpx>&bomb;</gpx>", "xml-malformed"),
    ],
)
def test_what_is_no_track_file_is_refused_as_a_whole(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_with(Gpx(), write_text(tmp_path, "bad.gpx", content))
    assert caught.value.code == code
    assert caught.value.place.file == "bad.gpx"


DOCTYPES = (
    '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    '<!DOCTYPE gpx SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE gpx [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>',
    f"<!--{'x' * 100_000}--><!DOCTYPE gpx>",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_a_document_type_is_refused_before_anything_in_it_is_read(tmp_path: Path, doctype: str, encoding: str) -> None:
    declared = "utf-16" if encoding.startswith("utf-16") else encoding
    text = f'<?xml version="1.0" encoding="{declared}"?>{doctype}<gpx>{track()}</gpx>'
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file = write_text(tmp_path, "bad.gpx", mark + text, encoding)
    assert not Gpx().claims(file)
    with pytest.raises(BadInput) as caught:
        read_with(Gpx(), file)
    assert caught.value.code == "xml-doctype"


def test_a_comment_may_speak_of_document_types(tmp_path: Path) -> None:
    assert read_with(Gpx(), gpx(tmp_path, "<!-- <!DOCTYPE x> <!ENTITY y> -->", track()))[1].n_kept == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<gpx>" + "<a>" * 200 + "</a>" * 200 + "</gpx>", "xml-depth"),
        (GPX.format(track(name=f"<name>{'x' * 2_000_000}</name>")), "xml-length"),
        (f'<gpx a="{"x" * 10_000_000}"/>', "xml-length"),
    ],
)
def test_depth_and_lengths_are_limited(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(LimitReached) as caught:
        read_with(Gpx(), write_text(tmp_path, "bad.gpx", content))
    assert caught.value.code == code


def test_rows_stay_in_order_over_many_batches(tmp_path: Path) -> None:
    points = "".join(POINT.replace("48.1", f"{index / 1e4:.4f}") for index in range(200_000))
    fixes, account, _ = read_with(Gpx(), gpx(tmp_path, track(points)))
    assert account.n_kept == 200_000
    assert fixes["source_row"].to_pylist() == list(range(1, 200_001))
    assert fixes["latitude"].to_pylist()[::50_000] == [0, 5, 10, 15]
