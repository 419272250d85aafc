"""The review of migration dates as a person does it: dragging, keys, saving; the saved file decides the corridors."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.analyses.review_samples import sample_evidence
from wildways.analyses.corridors import CorridorParameters, Corridors
from wildways.analyses.review import ReviewRules, collect_review, review_page
from wildways.analyses.windows_file import read_windows

DAY = pd.Timedelta(days=1)


class Reviewer:
    """Somebody with the page open."""

    def __init__(self, chromium: Any, file: Path, **options: Any) -> None:
        self.page = chromium.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options}
        ).new_page()
        self.page.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("#curve svg")

    def handle(self, season: str, end: str) -> Any:
        return self.page.locator(f".handle[data-season={season}][data-end={end}]")

    def date(self, season: str, end: str) -> pd.Timestamp:
        return pd.Timestamp(0, unit="s") + int(self.handle(season, end).get_attribute("aria-valuenow")) * DAY

    def save(self, folder: Path) -> Path:
        with self.page.expect_download() as download:
            self.page.click("#save")
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("review") / "review.html"
    file.write_text(review_page(collect_review(sample_evidence(), ReviewRules())), encoding="utf-8")
    return file


def test_dates_changed_by_hand_and_keys_are_saved_and_decide_the_corridors(
    chromium: Any, page_file: Path, tmp_path: Path
) -> None:
    reviewer = Reviewer(chromium, page_file)
    reviewer.page.keyboard.press("n")
    title = reviewer.page.inner_text("#year-title")
    animal, year = title.split(" · ")
    proposed = {(season, end): reviewer.date(season, end) for season in ("spring", "autumn") for end in ("from", "to")}

    knob = reviewer.handle("spring", "from").locator("circle").bounding_box()
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    reviewer.page.mouse.move(x, y)
    reviewer.page.mouse.down()
    reviewer.page.mouse.move(x - 40, y, steps=5)
    reviewer.page.mouse.up()
    dragged = reviewer.date("spring", "from")
    assert 10 * DAY < proposed["spring", "from"] - dragged < 45 * DAY

    reviewer.page.keyboard.press("Tab")
    reviewer.page.keyboard.press("Shift+ArrowRight")
    reviewer.page.keyboard.press("ArrowLeft")
    assert reviewer.date("spring", "to") - proposed["spring", "to"] == 6 * DAY
    assert "not saved yet" in reviewer.page.inner_text("#windows")

    reviewer.page.get_by_role("button", name="Remove: Autumn").click()
    reviewer.page.select_option("#class", "disperser")
    reviewer.page.fill("#comment", 'left early, "never" came back')
    reviewer.page.click("#save")
    assert "who you are" in reviewer.page.inner_text("#said")
    reviewer.page.fill("#reviewer", "Ada")
    file = reviewer.save(tmp_path)

    assert file.name == "deer.csv"
    assert "2 rows saved" in reviewer.page.inner_text("#said")
    plan = Corridors().plan(
        replace(sample_evidence(), decided_windows=read_windows(file)), CorridorParameters(cell_m=5000)
    )
    (windows,) = plan.side_files.values()
    own = windows[(windows["animal_id"] == animal) & (windows["bio_year"] == int(year))]
    spring = own[own["season"] == "spring"].iloc[0]
    assert spring["start_utc"] == dragged.tz_localize("UTC")
    assert spring["end_utc"].floor("D") == reviewer.date("spring", "to").tz_localize("UTC")
    assert own.loc[own["season"] == "autumn", "start_utc"].isna().all()
    assert (spring["decided_by"], spring["reason"]) == ("Ada", 'left early, "never" came back')
    assert spring["movement_class"] == "disperser"
    others = windows[windows["animal_id"] != animal]
    assert (others["decided_by"] == "automatic").all()
    assert reviewer.errors == []
    assert {request.split(":")[0] for request in reviewer.requests} <= {"file", "blob", "data"}


def test_a_decided_file_is_shown_and_written_back_untouched(chromium: Any, page_file: Path, tmp_path: Path) -> None:
    first = Reviewer(chromium, page_file)
    first.page.fill("#reviewer", "Ada")
    first.page.click("#confirm")
    first.page.keyboard.press("Escape")
    first.page.click("#next")
    first.page.click("#confirm")
    saved = first.save(tmp_path)
    evidence = replace(sample_evidence(), decided_windows=read_windows(saved))
    again = tmp_path / "again.html"
    again.write_text(review_page(collect_review(evidence, ReviewRules()), reviewer="Bo"), encoding="utf-8")

    second = Reviewer(chromium, again)
    assert "2 of 4" in second.page.inner_text("#list-title")
    second.page.click("#next")
    assert "Ada" in second.page.inner_text("#windows")
    (tmp_path / "second").mkdir()
    assert second.save(tmp_path / "second").read_bytes() == saved.read_bytes()
    assert second.errors == []


def test_windows_never_overlap_or_reverse(chromium: Any, page_file: Path) -> None:
    reviewer = Reviewer(chromium, page_file)
    reviewer.page.click("#next")
    reviewer.handle("spring", "from").focus()
    for _ in range(50):
        reviewer.page.keyboard.press("Shift+ArrowRight")
    assert reviewer.date("spring", "from") == reviewer.date("spring", "to")
    reviewer.handle("spring", "to").focus()
    for _ in range(60):
        reviewer.page.keyboard.press("Shift+ArrowRight")
    assert reviewer.date("spring", "to") == reviewer.date("autumn", "from") - DAY
    before = reviewer.date("autumn", "to")
    reviewer.page.get_by_label("Autumn: Last day", exact=True).first.fill("1999-01-01")
    reviewer.page.keyboard.press("Tab")
    assert "not changed" in reviewer.page.inner_text("#said")
    assert reviewer.date("autumn", "to") == before
    reviewer.page.click("#undo")
    assert reviewer.date("spring", "from") < reviewer.date("spring", "to")


def test_a_window_is_added_to_a_year_without_one(chromium: Any, page_file: Path, tmp_path: Path) -> None:
    reviewer = Reviewer(chromium, page_file)
    assert "No migration" in reviewer.page.inner_text("#windows")
    reviewer.page.get_by_role("button", name="Add: Autumn").click()
    reviewer.page.fill("#reviewer", "Ada")
    rows = read_windows(reviewer.save(tmp_path))
    assert rows["season"].tolist() == ["autumn"]
    assert rows["decided_by"].tolist() == ["Ada"]


@pytest.mark.parametrize(("locale", "words"), [("fr-FR", "Télécharger"), ("es-MX", "Descargar"), ("de-DE", "Download")])
def test_a_phone_shows_it_in_the_readers_language(chromium: Any, page_file: Path, locale: str, words: str) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "locale": locale}
    reviewer = Reviewer(chromium, page_file, **phone)
    reviewer.page.locator("#next").tap()
    assert words in reviewer.page.inner_text("#save")
    assert reviewer.page.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert reviewer.handle("spring", "from").is_visible()
    assert reviewer.errors == []


def test_every_language_has_every_word() -> None:
    folder = Path(__file__).resolve().parents[2] / "src/wildways/analyses/review/page"
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    assert words["en"].keys() == words["fr"].keys() == words["es"].keys()


def test_everything_that_takes_the_focus_has_a_name(chromium: Any, page_file: Path) -> None:
    reviewer = Reviewer(chromium, page_file)
    reviewer.page.click("#next")
    script = """() => [...document.querySelectorAll('button, input, select, [tabindex="0"]')]
        .filter(each => each.checkVisibility())
        .filter(each => !(each.getAttribute('aria-label') || each.labels?.length || each.innerText?.trim()))
        .map(each => each.outerHTML)"""
    assert reviewer.page.evaluate(script) == []
