"""KML and KMZ: tracks with paired times and positions, points with time stamps, lines refused."""

import zipfile
from pathlib import Path

import pytest

from tests.readers.files import by_code, source
from tests.readers.tracks.files import read_with, write_text
from wildways.model import BadInput, LimitReached
from wildways.readers.tracks import Kml
from wildways.readers.tracks import kml as kml_module

KML = (
    '<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
    'xmlns:gx="http://www.google.com/kml/ext/2.2">\n<Document>{}</Document></kml>\n'
)
TIMES = ("2010-05-28T02:02:09Z", "2010-05-28T03:02:09Z")


def placemark(content: str, name: str = "Oryx 7") -> str:
    """A placemark."""
    return f"<Placemark><name>{name}</name>\n{content}</Placemark>\n"


def gx_track(times: tuple[str, ...] = TIMES, places: tuple[str, ...] = ("20 -5 0", "21 -6 0")) -> str:
    """A track of Google's extension."""
    whens = "".join(f"<when>{time}</when>\n" for time in times)
    return f"<gx:Track>{whens}" + "".join(f"<gx:coord>{place}</gx:coord>\n" for place in places) + "</gx:Track>"


def kml(folder: Path, *parts: str) -> Path:
    """A KML file."""
    return write_text(folder, "oryx.kml", KML.format("".join(parts)))


def kmz(folder: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """A KMZ file."""
    file = folder / "oryx.kmz"
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def test_a_track_gives_a_fix_for_each_time_and_position(tmp_path: Path) -> None:
    fixes, account, _ = read_with(Kml(), kml(tmp_path, placemark(gx_track()), placemark(gx_track(), "B")))
    assert (account.n_rows, account.n_kept) == (4, 4)
    assert fixes["organism_id"].to_pylist() == ["Oryx 7", "Oryx 7", "B", "B"]
    assert fixes["longitude"].to_pylist() == [20, 21, 20, 21]
    assert fixes["latitude"].to_pylist()[:2] == [-5, -6]
    assert fixes["time_utc"][1].as_py().hour == 3


def test_times_and_positions_may_alternate_and_tracks_may_be_bundled(tmp_path: Path) -> None:
    pairs = "".join(f"<when>{time}</when><gx:coord>20 -5</gx:coord>" for time in TIMES)
    content = f"<gx:MultiTrack><gx:Track>{pairs}</gx:Track>{gx_track()}</gx:MultiTrack>"
    assert read_with(Kml(), kml(tmp_path, placemark(content)))[1].n_kept == 4


def test_an_empty_position_in_a_track_is_a_missing_one(tmp_path: Path) -> None:
    _, account, _ = read_with(Kml(), kml(tmp_path, placemark(gx_track(places=("", "21 -6 0")))))
    finding = by_code(account)["no-position"]
    assert (account.n_kept, finding.n_rows, finding.place.line) == (1, 1, 6)


def test_a_track_with_unequal_times_and_positions_is_refused_whole(tmp_path: Path) -> None:
    _, account, _ = read_with(Kml(), kml(tmp_path, placemark(gx_track(places=("1 1 1",))), placemark(gx_track())))
    finding = by_code(account)["track-unpaired"]
    assert (account.n_rows, account.n_kept, finding.n_rows) == (4, 2, 2)
    assert finding.example == "2 times, 1 positions"


def test_a_line_without_times_is_refused_with_the_reason(tmp_path: Path) -> None:
    line = "<LineString><coordinates>1,2,3 4,5,6</coordinates></LineString>"
    ring = "<LinearRing><coordinates>1,2 4,5</coordinates></LinearRing>"
    area = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"
    fixes, account, _ = read_with(Kml(), kml(tmp_path, placemark(line), placemark(area), placemark(gx_track())))
    found = by_code(account)
    assert "no times" in found["no-times"].message
    assert (found["no-times"].n_rows, found["no-times"].example) == (1, "Oryx 7")
    assert found["geometry-kind"].n_rows == 1
    assert fixes["source_row"].to_pylist() == [3, 4]


def test_points_with_time_stamps_are_fixes_of_their_folder_where_the_source_says_so(tmp_path: Path) -> None:
    point = f"<TimeStamp><when>{TIMES[0]}</when></TimeStamp><Point><coordinates>20,-5,0</coordinates></Point>"
    file = kml(
        tmp_path, "<Folder><name>Oryx 9</name>", placemark(point, "fix 1"), placemark(point, "fix 2"), "</Folder>"
    )
    fixes, _, _ = read_with(Kml(), file, source(columns={"individual-local-identifier": "folder"}))
    assert fixes["organism_id"].to_pylist() == ["Oryx 9", "Oryx 9"]
    assert fixes["latitude"].to_pylist() == [-5, -5]


def test_a_point_without_time_stamp_is_refused(tmp_path: Path) -> None:
    file = kml(tmp_path, placemark("<Point><coordinates>20,-5,0</coordinates></Point>"), placemark(gx_track()))
    assert by_code(read_with(Kml(), file)[1])["time-missing"].n_rows == 1


def test_times_without_offset_need_a_zone(tmp_path: Path) -> None:
    file = kml(tmp_path, placemark(gx_track(times=("2010-05-28T02:02:09", "2010-05-28T03:02:09"))))
    with pytest.raises(BadInput) as caught:
        read_with(Kml(), file)
    assert (caught.value.code, caught.value.place.line) == ("time-zone-missing", 6)
    assert read_with(Kml(), file, source(time_zone="Africa/Windhoek"))[1].n_kept == 2


def test_a_kmz_archive_is_read_through_its_document(tmp_path: Path) -> None:
    content = KML.format(placemark(gx_track())).encode()
    file = kmz(tmp_path, {"doc.kml": content, "files/icon.png": b"\x89PNG", "files/other.kml": b"<kml/>"})
    assert Kml().claims(file)
    assert read_with(Kml(), file)[1].n_kept == 2


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"a.txt": b"x"}, "archive-empty"),
        ({"a.kml": b"<kml/>", "b.kml": b"<kml/>"}, "archive-empty"),
        ({"doc.kml": b"<kml/>", "more.kmz": b"x"}, "archive-nested"),
        ({"doc.kml": b"<kml/>"}, "no-rows"),
        ({"doc.kml": b"<gpx/>"}, "not-kml"),
        ({f"{index}.png": b"x" for index in range(2_001)}, "archive-members"),
    ],
)
def test_a_bad_archive_is_refused(tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    with pytest.raises((BadInput, LimitReached)) as caught:
        read_with(Kml(), kmz(tmp_path, members))
    assert caught.value.code == code


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    file = kmz(tmp_path, {"doc.kml": KML.format(placemark(gx_track())).encode()}, zipfile.ZIP_STORED)
    content = file.read_bytes()
    for broken in (content[:-30], content.replace(b"Oryx 7", b"Oryx 8"), b"PK\x03\x04"):
        file.write_bytes(broken)
        with pytest.raises(BadInput) as caught:
            read_with(Kml(), file)
        assert caught.value.code == "archive-damaged"


def test_member_names_are_never_paths(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    content = KML.format(placemark(gx_track())).encode()
    file = kmz(folder, {"../../outside/doc.kml": content})
    assert read_with(Kml(), file)[1].n_kept == 2
    assert sorted(found.name for found in tmp_path.rglob("*")) == ["in", "oryx.kmz"]


def test_the_points_of_a_placemark_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kml_module, "MAX_TRACK_POINTS", 1)
    with pytest.raises(LimitReached) as caught:
        read_with(Kml(), kml(tmp_path, placemark(gx_track())))
    assert caught.value.code == "track-length"


def test_only_files_that_speak_of_times_are_claimed(tmp_path: Path) -> None:
    line = "<LineString><coordinates>1,2,3 4,5,6</coordinates></LineString>"
    assert Kml().claims(kml(tmp_path, placemark(gx_track())))
    assert not Kml().claims(kml(tmp_path, placemark(line)))
    assert not Kml().claims(write_text(tmp_path, "x", "plain"))
