"""The page's text."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.release.samples import (
    CREATED,
    add_corridors,
    add_product,
    corridor_frame,
    make_atlas,
    make_module,
    make_product,
    make_source,
)
from wildways.model import Atlas, Inputs
from wildways.release import write_release
from wildways.server.words import _words, say


class Reader(HTMLParser):
    """Collects what a reader meets, and that every element is closed."""

    VOID = frozenset(("meta", "link", "br"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(client: Any, path: str = "/", **headers: str) -> Reader:
    reader = Reader(client.get(path, **headers).text)
    assert reader.open == []
    return reader


def serve_atlas(make_client: Callable[..., Any], atlas: Atlas) -> Any:
    add_corridors(atlas)
    return make_client(write_release(atlas, created_utc=CREATED))


def test_the_page_holds_all_that_the_map_says_in_words(client: Any) -> None:
    text = read(client).text
    for expected in (
        "Sagebrush Atlas",
        "Deer <b>go</b> & return.",
        "Release 2026-11-23",
        "Ungulates",
        "Hoofed animals on the move.",
        "Sagebrush herd",
        "Odocoileus hemionus",
        "12 animals tracked",
        "30 migrations",
        "2009–2010",
        "Brownian bridges of 12 animals.",
        "CC-BY-4.0",
        "Collars of the Sagebrush herd",
        "The designations employed",
    ):
        assert expected in text
    assert "Simulated" not in text


def test_every_population_can_be_linked_to(client: Any) -> None:
    reader = read(client)
    assert "ungulates.sagebrush" in reader.ids
    assert "#ungulates.sagebrush" in reader.links
    assert len(reader.ids) == len(set(reader.ids))


def test_every_file_is_linked_and_every_link_works(client: Any) -> None:
    links = [link for link in read(client).links if link.startswith("release/")]
    assert len(links) == 9
    assert all(client.head(f"/{link}").status_code == 200 for link in links)


def test_text_from_the_atlas_is_escaped(client: Any) -> None:
    page = client.get("/").text
    assert "<b>go" not in page
    assert "Deer &lt;b&gt;go&lt;/b&gt; &amp; return." in page


@pytest.mark.parametrize(("path", "accept"), [("/?lang=fr", "en"), ("/", "fr-CA, en;q=0.5")])
def test_the_page_speaks_the_language_asked_for(client: Any, path: str, accept: str) -> None:
    answer = client.get(path, accept_language=accept)
    assert answer.headers["content-language"] == "fr"
    assert "Accept-Language" in answer.headers["vary"]
    assert '<html lang="fr">' in answer.text
    assert "<title>Atlas des armoises</title>" in answer.text
    assert "12 animaux suivis" in answer.text
    assert "Licence : " in answer.text


def test_an_unknown_language_gives_the_first(client: Any) -> None:
    assert client.get("/?lang=%22%3E%3Cscript%3E", accept_language="xx").headers["content-language"] == "en"


def test_the_application_is_in_the_page(client: Any) -> None:
    page = client.get("/").text
    assert '<script type="module" src="./assets/index-a1b2c3d4.js"></script>' in page
    assert "<!--atlas-text-->" not in page


def test_without_the_application_the_page_is_text_and_says_how_to_build_it(
    make_client: Callable[..., Any], tmp_path: Path
) -> None:
    reader = read(make_client(application=tmp_path / "none", basemap=tmp_path / "none"))
    assert "make web" in reader.text
    assert "Sagebrush herd" in reader.text


def test_simulated_data_are_called_so(make_client: Callable[..., Any], tmp_path: Path) -> None:
    client = serve_atlas(make_client, make_atlas(tmp_path, simulated=True))
    assert "Simulated data" in read(client).text
    assert "Données simulées" in read(client, "/?lang=fr").text


def test_what_is_withheld_is_said_without_saying_what_it_holds(make_client: Callable[..., Any], tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(make_source(), make_source(id="b", licence="custom")))
    inputs = Inputs(snapshot=1, sources=("b",), source_files=())
    add_product(atlas, make_product("stopovers", inputs=inputs), corridor_frame())
    text = read(serve_atlas(make_client, atlas)).text
    assert "Held back: ungulates.sagebrush.stopovers. The licences of the evidence" in text


def test_every_word_is_in_every_language() -> None:
    for word, texts in _words().items():
        assert set(texts) == {"en", "fr", "es"}, word
    assert say("release", "es", name="1", date="2") == "Versión 1, publicada el 2"
