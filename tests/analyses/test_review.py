"""The review page, as far as it can be read without a browser."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.analyses.review_samples import sample_evidence
from wildways.analyses.review import ReviewRules, collect_review, review_page
from wildways.analyses.windows_file import read_windows
from wildways.model import BadInput, ModuleDefinition, NotFound
from wildways.model.atlas import AnalysisRequest

HEADER = "animal_id,bio_year,season,start_utc,end_utc,decided_by,decided_on,reason\n"


def _decided(folder: Path, *rows: str) -> pd.DataFrame:
    file = folder / "deer.csv"
    file.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return read_windows(file)


def test_every_animal_year_is_there_with_curve_track_and_proposal() -> None:
    review = collect_review(sample_evidence(), ReviewRules())
    assert [len(year["windows"]) for year in review.years] == [0, 2, 2, 2]
    assert [year["class"] for year in review.years] == ["resident", "migrant", "migrant", "migrant"]
    assert all(len(year["days"]) == len(year["km"]) == len(year["lon"]) == len(year["lat"]) for year in review.years)
    assert review.file == "windows/deer.csv"


def test_the_page_stands_alone_and_no_name_breaks_it() -> None:
    page = review_page(collect_review(sample_evidence(), ReviewRules()), reviewer="Ada </script>")
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", page)
    assert "default-src 'none'" in page
    assert page.count("</script>") == 2
    held = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert held is not None
    assert json.loads(held[1])["reviewer"] == "Ada </script>"
    assert "&lt;/script&gt; of the mountains" in page


def test_what_was_decided_is_shown_as_it_was_written(tmp_path: Path) -> None:
    name = sample_evidence().fixes["animal_id"].iloc[-1]
    year = collect_review(sample_evidence(), ReviewRules()).years[-1]["year"]
    rows = [
        f"{name},{year},spring,{year}-04-01T06:00Z,{year}-05-09,Bo,{year}-12-01,seen",
        f"{name},{year},autumn,,,Bo,{year}-12-01,an excursion",
        f"{name},1999,spring,,,Bo,{year}-12-01,before the tag",
    ]
    review = collect_review(sample_evidence(_decided(tmp_path, *rows)), ReviewRules())
    (window,) = review.years[-1]["windows"]
    assert (window["start"], window["end"], window["by"]) == (f"{year}-04-01T06:00Z", f"{year}-05-09", "Bo")
    assert window["decided"]
    assert review.years[-1]["removed"] == [
        {"season": "autumn", "by": "Bo", "on": f"{year}-12-01", "why": "an excursion"}
    ]
    assert review.kept == [[name, "1999", "spring", "", "", "Bo", f"{year}-12-01", "before the tag", ""]]


@pytest.mark.parametrize(
    ("dates", "code"),
    [("2020-05-09,2020-04-01", "window-reversed"), ("2020-04-01,2020-05-01", "window-overlap")],
)
def test_reversed_and_overlapping_dates_are_refused_by_line(tmp_path: Path, dates: str, code: str) -> None:
    name = sample_evidence().fixes["animal_id"].iloc[-1]
    rows = [f"{name},2020,spring,2020-04-10,2020-04-20,Bo,,", f"{name},2020,autumn,{dates},Bo,,"]
    with pytest.raises(BadInput) as caught:
        collect_review(sample_evidence(_decided(tmp_path, *rows)), ReviewRules())
    assert caught.value.code == code
    assert caught.value.place.line in (2, 3)


def test_nothing_to_review_is_not_found() -> None:
    evidence = sample_evidence()
    with pytest.raises(NotFound):
        collect_review(replace(evidence, fixes=evidence.fixes.iloc[:0]), ReviewRules())


def test_tracks_are_prepared_as_the_corridors_of_the_population_are() -> None:
    request = AnalysisRequest(
        method="corridors", populations=("deer",), parameters={"bio_year_start": "07-15", "speed_limit_mps": 2.5}
    )
    module = ModuleDefinition(id="ungulates", title="Ungulates", analyses=(request,))
    assert ReviewRules.of(module, "deer") == ReviewRules((7, 15), 2.5, None)
    assert ReviewRules.of(module, "elk") == ReviewRules()
