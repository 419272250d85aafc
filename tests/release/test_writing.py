"""Writing a release."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.release.samples import (
    CREATED,
    add_corridors,
    add_product,
    add_routes,
    corridor_frame,
    make_atlas,
    make_full_atlas,
    make_module,
    make_product,
    make_source,
)
from wildways.model import Access, Atlas, BadInput, Conflict, Corrupt, LayerStyle, NotFound
from wildways.release import open_release, review_release, write_release


def contents(release: Path) -> dict[str, bytes]:
    return {file.relative_to(release).as_posix(): file.read_bytes() for file in release.rglob("*") if file.is_file()}


def test_a_release_holds_every_kind_of_product(release: Path) -> None:
    stem = "ungulates.sagebrush"
    assert sorted(contents(release)) == [
        "README.md",
        "catalogue.json",
        "checksums.sha256",
        f"data/{stem}.corridors.gpkg",
        f"data/{stem}.corridors.parquet",
        f"data/{stem}.routes.gpkg",
        f"data/{stem}.routes.parquet",
        f"data/{stem}.use.tif",
        f"data/{stem}.windows.csv",
        f"data/{stem}.windows.parquet",
        f"tiles/{stem}.corridors.pmtiles",
        f"tiles/{stem}.routes.pmtiles",
    ]
    assert release.name == "2026-11-23"


def test_the_same_products_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = contents(write_release(make_full_atlas(tmp_path / "a"), created_utc=CREATED))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("TIPPECANOE_MAX_THREADS", "1")
    monkeypatch.chdir(tmp_path)
    second = contents(write_release(make_full_atlas(Path("elsewhere")), created_utc=CREATED))
    assert [name for name in first if first[name] != second[name]] == []


def test_a_failure_leaves_no_release(full_atlas: Atlas) -> None:
    (full_atlas.products_folder / "ungulates.sagebrush.windows" / "table.parquet").write_bytes(b"broken")
    with pytest.raises(Corrupt):
        write_release(full_atlas)
    assert [path.name for path in full_atlas.releases_folder.iterdir()] == [".lock"]


def test_an_existing_release_is_never_written_again(full_atlas: Atlas) -> None:
    before = contents(write_release(full_atlas, name="first", created_utc=CREATED))
    with pytest.raises(Conflict):
        write_release(full_atlas, name="first")
    assert contents(full_atlas.releases_folder / "first") == before


def test_the_catalogue_lists_files_as_they_are(release: Path) -> None:
    opened = open_release(release)
    for file in (file for product in opened.catalogue.products for file in product.files):
        assert (release / file.path).stat().st_size == file.bytes
        assert opened.checksums[file.path] == file.sha256


def test_the_extent_is_that_of_what_is_published_not_what_the_analysis_claimed(release: Path) -> None:
    products = {product.role: product for product in open_release(release).catalogue.products}
    assert products["corridors"].bbox == (-110.0, 41.0, -109.0, 42.0)
    assert products["windows"].bbox is None
    west, south, east, north = products["use"].bbox or (0, 0, 0, 0)
    assert -111 < west < east < -106
    assert 40 < south < north < 43


def test_nothing_that_was_not_declared_is_published(full_atlas: Atlas) -> None:
    for name, content in contents(write_release(full_atlas)).items():
        for secret in (b"tag_frequency", b"150.310", b"private", b"workspace path", str(full_atlas.folder).encode()):
            assert secret not in content, name


def test_the_atlas_says_how_it_looks(tmp_path: Path) -> None:
    style = {"corridors": LayerStyle(colours={"high": "#AA0000", "unknown": "#000000"}, opacity=0.4, visible=False)}
    atlas = make_atlas(tmp_path, make_module(style=style))
    add_corridors(atlas)
    legend = open_release(write_release(atlas)).catalogue.products[0].legend
    assert legend is not None
    assert {entry.value: entry.colour for entry in legend.classes} == {
        "low": "#9ecae1",
        "medium": "#4292c6",
        "high": "#aa0000",
    }
    assert (legend.opacity, legend.visible) == (0.4, False)


def test_a_colour_that_is_none_names_its_key(tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(style={"corridors": LayerStyle(colours={"high": "red"})}))
    add_corridors(atlas)
    with pytest.raises(BadInput, match="red") as error:
        write_release(atlas)
    assert error.value.place.field == "style.corridors.colours.high"


def test_withheld_products_leave_no_file_and_no_name_of_their_population(tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(make_source(embargo_until=date(2030, 1, 1))))
    add_corridors(atlas)
    release = write_release(atlas, created_utc=CREATED)
    catalogue = open_release(release).catalogue
    assert sorted(contents(release)) == ["README.md", "catalogue.json", "checksums.sha256"]
    assert catalogue.modules == catalogue.products == ()
    assert [entry.product for entry in catalogue.withheld] == ["ungulates.sagebrush.corridors"]
    text = (release / "catalogue.json").read_text() + (release / "README.md").read_text()
    assert "Sagebrush herd" not in text
    assert "2030" not in text


def test_an_embargo_is_judged_by_the_moment_of_the_release(tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(make_source(embargo_until=date(2030, 1, 1))))
    add_corridors(atlas)
    early = write_release(atlas, created_utc=datetime(2029, 12, 31, 23, 59, 59, tzinfo=UTC))
    late = write_release(atlas, created_utc=datetime(2030, 1, 1, tzinfo=UTC))
    assert open_release(early).catalogue.products == ()
    assert len(open_release(late).catalogue.products) == 1


def test_private_products_are_withheld_without_a_name(tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(make_source(access=Access.PRIVATE)))
    add_corridors(atlas)
    add_routes(atlas)
    release = write_release(atlas)
    assert [entry.product for entry in open_release(release).catalogue.withheld] == ["ungulates"]
    assert b"sagebrush" not in b"".join(contents(release).values())


def test_reviewing_tells_the_makers_what_would_happen_and_writes_nothing(tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(make_source(licence="custom")))
    add_corridors(atlas)
    assert [(decision.product, decision.code) for decision in review_release(atlas)] == [
        ("ungulates.sagebrush.corridors", "licence")
    ]
    assert not atlas.releases_folder.exists()


def test_few_animals_can_be_withheld(full_atlas: Atlas) -> None:
    assert open_release(write_release(full_atlas, min_animals=13)).catalogue.products == ()


def test_products_of_populations_that_are_gone_are_left_out(tmp_path: Path) -> None:
    atlas = make_atlas(tmp_path, make_module(populations=()))
    add_corridors(atlas)
    with pytest.raises(NotFound) as error:
        write_release(atlas)
    assert error.value.code == "products-missing"


def test_without_products_there_is_no_release(atlas: Atlas) -> None:
    with pytest.raises(NotFound, match="wildways build"):
        write_release(atlas)
    assert [path.name for path in atlas.releases_folder.iterdir()] == [".lock"]


def test_a_product_that_is_being_written_is_not_seen(full_atlas: Atlas) -> None:
    folder = full_atlas.products_folder / ".ungulates.sagebrush.later"
    folder.mkdir()
    (folder / "product.json").write_text("{")
    assert len(open_release(write_release(full_atlas)).catalogue.products) == 4


@pytest.mark.parametrize("content", ["{", "{}"])
def test_a_damaged_record_is_named(full_atlas: Atlas, content: str) -> None:
    record = full_atlas.products_folder / "ungulates.sagebrush.use" / "product.json"
    record.write_text(content)
    with pytest.raises(Corrupt) as error:
        write_release(full_atlas)
    assert error.value.place.file == record


def test_a_record_in_the_wrong_folder_is_refused(atlas: Atlas) -> None:
    add_product(atlas, make_product("corridors"), corridor_frame())
    folder = atlas.products_folder / "ungulates.sagebrush.corridors"
    folder.rename(atlas.products_folder / "ungulates.sagebrush.routes")
    with pytest.raises(Corrupt):
        write_release(atlas)


def test_an_atlas_of_unknown_licence_is_not_published(tmp_path: Path) -> None:
    atlas = make_full_atlas(tmp_path, licence="proprietary")
    with pytest.raises(BadInput) as error:
        write_release(atlas)
    assert error.value.code == "licence-unknown"


def test_a_moment_needs_a_time_zone(full_atlas: Atlas) -> None:
    with pytest.raises(BadInput) as error:
        write_release(full_atlas, created_utc=datetime(2026, 1, 1))  # noqa: DTZ001
    assert error.value.code == "time-zone"


def test_simulated_is_said_everywhere(tmp_path: Path) -> None:
    release = write_release(make_full_atlas(tmp_path, simulated=True))
    catalogue = open_release(release).catalogue
    assert catalogue.atlas.simulated
    assert all(product.simulated for product in catalogue.products)
    assert "simulated" in (release / "README.md").read_text()
    for file in release.glob("data/*"):
        if file.suffix != ".csv":
            assert b"simulated" in file.read_bytes(), file


def test_populations_list_their_products_in_drawing_order(release: Path) -> None:
    population = open_release(release).catalogue.modules[0].populations[0]
    assert population.products[-1] == "ungulates.sagebrush.corridors"
    assert population.bbox is not None


def test_progress_names_every_product(full_atlas: Atlas) -> None:
    told: list[tuple[int, int, str]] = []
    write_release(full_atlas, progress=lambda done, total, label: told.append((done, total, label)))
    assert [label for _, _, label in told][:2] == ["ungulates.sagebrush.corridors", "ungulates.sagebrush.routes"]
    assert told[-1] == (4, 4, "released")


def test_features_without_rows_are_published_without_tiles(atlas: Atlas) -> None:
    add_product(atlas, make_product("corridors"), corridor_frame().iloc[:0])
    product = open_release(write_release(atlas)).catalogue.products[0]
    assert [file.role.value for file in product.files] == ["geoparquet", "geopackage"]
    assert product.bbox is None


def test_the_readme_says_what_is_what_on_what_terms(release: Path) -> None:
    text = (release / "README.md").read_text()
    for expected in (
        "# Sagebrush Atlas",
        "sha256sum -c checksums.sha256",
        "Brownian bridges of 12 animals.",
        "12 animals, 30 migrations, 2009 to 2010",
        "CC-BY-4.0 (https://creativecommons.org/licenses/by/4.0/)",
        "Collars of the Sagebrush herd",
        "`data/ungulates.sagebrush.use.tif`, cloud optimised GeoTIFF",
        "Property `length_km`: length_km, km",
        "United Nations",
    ):
        assert expected in text
