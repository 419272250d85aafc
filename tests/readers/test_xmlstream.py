"""XML that is handed to another parser: well formed, in a plain encoding, without a document type, or refused."""

from pathlib import Path

import pytest

from wildways.model import BadInput, LimitReached
from wildways.readers import xmlstream
from wildways.readers.xmlstream import check_xml, root_of

BOMB = '<!DOCTYPE kml [<!ENTITY a "aaaa">]>'


def refusal(folder: Path, content: bytes) -> tuple[str, int | None]:
    file = folder / "shapes.kml"
    file.write_bytes(content)
    with pytest.raises((BadInput, LimitReached)) as caught:
        check_xml(file, "shapes.kml")
    place = caught.value.place
    return caught.value.code, None if place is None else place.line


def test_sound_xml_passes(tmp_path: Path) -> None:
    file = tmp_path / "shapes.kml"
    for content in ("<kml/>", '<?xml version="1.0" encoding="UTF-8"?>\n<kml>é</kml>'):
        file.write_text(content, encoding="utf-8")
        check_xml(file, file.name)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (f"\n{BOMB}<kml>&a;</kml>".encode(), "xml-doctype", 2),
        (b"<kml>" + b"\n" * 600_000 + b"<a></kml>", "xml-malformed", 600_001),
        ('<?xml version="1.0"?><kml/>'.encode("utf-16"), "encoding", 1),
        (b'<?xml version="1.0" encoding="utf-7"?><kml/>', "encoding", 1),
        (b"", "xml-malformed", 1),
    ],
)
def test_other_xml_is_refused_with_its_line(tmp_path: Path, content: bytes, code: str, line: int) -> None:
    assert refusal(tmp_path, content) == (code, line)


def test_a_part_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmlstream, "MAX_TOKEN", 1 << 19)
    assert refusal(tmp_path, b"<kml><!--" + b" " * (1 << 21))[0] == "xml-length"


def test_the_root_of_a_document_with_a_document_type_is_not_looked_for() -> None:
    assert (root_of(b"<g:gpx><trk>"), root_of(f"{BOMB}<kml>".encode()), root_of(b"{}")) == ("gpx", "", "")
