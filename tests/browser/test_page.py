"""The page around the map: text without scripts, keyboard, phone, sizes, and what it says when something is missing."""

from typing import Any

import pytest

from .reader import Reader

TEXT_BYTES = 100_000
ALL_BYTES = 650_000
DISCLAIMER = "The designations employed and the presentation of material on this map"


def test_the_page_can_be_read_with_scripts_disabled(new_reader: Any, catalogue: dict[str, Any]) -> None:
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(reader.url)

    text = reader.page.inner_text("main#text")

    assert catalogue["atlas"]["title"]["en"] in text
    for module in catalogue["modules"]:
        assert module["title"]["en"] in text
        assert all(population["title"]["en"] in text for population in module["populations"])
    assert DISCLAIMER in text
    assert reader.page.locator("main#text a[href^='release/']").count() > 0


def test_simulated_data_say_so_in_text_list_map_and_panel(
    new_reader: Any, catalogue: dict[str, Any], corridors: dict[str, Any], place: str
) -> None:
    if not (catalogue["atlas"]["simulated"] or corridors["simulated"]):
        pytest.skip("the release holds no simulated data")
    plain, reader = new_reader(java_script_enabled=False), new_reader()
    plain.page.goto(plain.url)
    reader.open(f"#{place}&selected={corridors['id']}")

    for text in (
        plain.page.inner_text("main#text"),
        *map(reader.page.inner_text, ("#list", "main .pill", "aside article")),
    ):
        assert "Simulated data" in text


def test_a_keyboard_reaches_a_corridor_and_comes_back(
    reader: Reader, corridors: dict[str, Any], catalogue: dict[str, Any]
) -> None:
    reader.open()
    press = reader.page.keyboard.press
    titles = {p["id"]: p["title"]["en"] for module in catalogue["modules"] for p in module["populations"]}
    _tab_to(reader, titles[corridors["population"]])
    press("Enter")
    label = corridors["legend"]["classes"][-1]["label"]["en"]
    _tab_to(reader, label)
    press("Enter")
    reader.page.wait_for_selector("aside article")

    assert label in _focused(reader)
    press("Escape")
    reader.page.wait_for_selector("aside", state="detached")
    assert label in _focused(reader)


def test_what_is_selected_is_announced(reader: Reader, corridors: dict[str, Any], place: str) -> None:
    entry = corridors["legend"]["classes"][-1]
    reader.open(f"#{place}&selected={corridors['id']}/{entry['value']}")

    said = reader.page.text_content("[aria-live=polite]")

    assert said is not None
    assert entry["label"]["en"] in said
    assert f"{corridors['sample']['n_animals']} animal" in said


@pytest.mark.parametrize("address", ["", "#{place}", "#{place}&selected={product}"])
def test_a_phone_shows_everything_without_sideways_scrolling(
    new_reader: Any, address: str, place: str, corridors: dict[str, Any]
) -> None:
    reader = new_reader(360, 740, has_touch=True, is_mobile=True)
    reader.open(address.format(place=place, product=corridors["id"]))

    script = "() => [document.scrollingElement, document.querySelector('.body')].map(each => each.scrollWidth)"
    assert max(reader.page.evaluate(script)) <= 360
    assert reader.page.get_by_text("Boundaries").first.is_visible()


def test_the_note_on_boundaries_is_under_the_map(reader: Reader) -> None:
    reader.open()

    assert reader.page.get_by_text(DISCLAIMER).is_visible()


def test_the_page_stays_within_its_budget_of_bytes(reader: Reader) -> None:
    requests: list[Any] = []
    reader.page.on("requestfinished", lambda request: requests.append(request))
    reader.open()
    reader.page.wait_for_load_state("networkidle")

    before_tiles = [request for request in requests if request.url.startswith("http") and ".pmtiles" not in request.url]
    loaded = {request.url.removeprefix(reader.url): _bytes(reader, request) for request in before_tiles}
    text = {name: size for name, size in loaded.items() if name == "" or name.startswith("assets/index-")}
    assert len(text) == 3
    assert all(loaded.values())
    assert sum(text.values()) <= TEXT_BYTES
    assert sum(loaded.values()) <= ALL_BYTES


def test_without_the_code_of_the_map_the_list_and_the_downloads_work(
    reader: Reader, corridors: dict[str, Any], place: str
) -> None:
    reader.page.route("**/atlas-map-*.js", lambda route: route.abort())
    reader.page.goto(f"{reader.url}#{place}&selected={corridors['id']}")

    assert "could not be loaded" in reader.page.inner_text("[role=alert]")
    assert reader.page.locator("[data-part=downloads] a").count() == len(corridors["files"])


def test_without_webgl_the_page_says_so_and_the_list_works(
    reader: Reader, corridors: dict[str, Any], place: str
) -> None:
    reader.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    reader.page.goto(f"{reader.url}#{place}&selected={corridors['id']}")

    assert "WebGL is not available" in reader.page.inner_text("[role=alert]")
    assert not any("atlas-map" in request for request in reader.requests)
    assert reader.page.locator("[data-part=downloads] a").count() == len(corridors["files"])


def test_without_the_base_map_the_corridors_are_still_drawn(
    reader: Reader, corridors: dict[str, Any], place: str
) -> None:
    reader.page.route("**/basemap.pmtiles", lambda route: route.fulfill(status=404, body=""))
    reader.open(f"#{place}")

    assert "base map could not be loaded" in reader.page.inner_text("main [role=status]")
    assert reader.features(f"{corridors['id']}/fill")


def test_a_layer_that_is_missing_is_named(reader: Reader, corridors: dict[str, Any], place: str) -> None:
    reader.page.route(f"**/{corridors['tiles'][0]['path']}", lambda route: route.fulfill(status=404, body=""))
    reader.open(f"#{place}")

    assert f"“{corridors['title']['en']}” could not be loaded" in reader.page.inner_text("main [role=status]")


def test_without_a_catalogue_the_text_stays_under_a_note(reader: Reader, catalogue: dict[str, Any]) -> None:
    reader.page.route("**/catalogue.json", lambda route: route.fulfill(status=503, body=""))
    reader.page.goto(reader.url)

    assert "catalogue of this atlas could not be loaded" in reader.page.inner_text("[role=alert]")
    assert catalogue["atlas"]["title"]["en"] in reader.page.inner_text("main#text")


def _focused(reader: Reader) -> str:
    return str(reader.page.evaluate("document.activeElement.innerText"))


def _tab_to(reader: Reader, text: str, limit: int = 80) -> None:
    """Press Tab until what has the focus says `text`; whatever has the focus on the way shows it."""
    for _ in range(limit):
        reader.page.keyboard.press("Tab")
        outline = reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reader.page.evaluate("document.activeElement.outerHTML")[:200]
        if text in _focused(reader) and reader.page.evaluate("document.activeElement.matches('a, button')"):
            return
    raise AssertionError(f"the keyboard does not reach “{text}”")


def _bytes(reader: Reader, request: Any) -> int:
    """Bytes of a body as they were sent; the browser does not tell those of a worker, which is asked for once more."""
    size = int(request.sizes()["responseBodySize"])
    return size or int(reader.page.request.get(request.url).headers.get("content-length", 0))
