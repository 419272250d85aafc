"""Positions lie in the countries and seas that an atlas of the world says."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from wildways.context import Jurisdictions
from wildways.context.borders import read_map
from wildways.model import NotFound

Locate = Callable[..., tuple[str | None, str | None, str | None]]

PLACES = {
    "Nairobi": (36.82, -1.29, "KEN"),
    "Cairo": (31.24, 30.04, "EGY"),
    "Dakar, inland": (-16.9, 14.75, "SEN"),
    "Maseru": (27.48, -29.31, "LSO"),
    "Katse in Lesotho": (28.5, -29.33, "LSO"),
    "Berlin": (13.4, 52.52, "DEU"),
    "San Marino": (12.45, 43.94, "SMR"),
    "Saint Peter's": (12.4534, 41.9022, "VAT"),
    "Kaliningrad": (20.51, 54.71, "RUS"),
    "Ceuta": (-5.32, 35.885, "ESP"),
    "Svalbard": (16.0, 78.5, "SJM"),
    "Ulaanbaatar": (106.9, 47.92, "MNG"),
    "Kathmandu": (85.32, 27.71, "NPL"),
    "Anadyr plain": (172.0, 65.0, "RUS"),
    "Chukotka, east of the antimeridian": (-175.0, 67.0, "RUS"),
    "Wrangel, west": (179.9, 71.2, "RUS"),
    "Wrangel, east": (-179.5, 71.2, "RUS"),
    "Viti Levu": (178.0, -17.8, "FJI"),
    "Taveuni": (-179.95, -16.85, "FJI"),
    "Canberra": (149.13, -35.28, "AUS"),
    "Christmas Island": (105.65, -10.49, "CXR"),
    "Wellington": (174.9, -41.2, "NZL"),
    "Denver": (-104.99, 39.74, "USA"),
    "Lake Michigan": (-87.0, 43.5, "USA"),
    "French Guiana": (-52.5, 4.0, "GUF"),
    "Brasilia": (-47.93, -15.78, "BRA"),
    "Isabela in the Galapagos": (-91.1, -0.85, "ECU"),
    "Hawaii": (-155.5, 19.6, "USA"),
    "South pole": (0.0, -90.0, "ATA"),
    "Hargeisa": (44.06, 9.56, "SOM"),
    "Nicosia, north": (33.36, 35.25, "CYP"),
}

SEAS = {
    "Mediterranean Sea - Western Basin": [(5.0, 40.0), (12.0, 40.0)],
    "Mediterranean Sea - Eastern Basin": [(18.0, 34.0), (19.0, 38.0)],
    "Adriatic Sea": [(15.0, 43.2)],
    "Aegean Sea": [(25.0, 38.5)],
    "Black Sea": [(34.0, 43.0)],
    "Sea of Marmara": [(28.2, 40.75)],
    "Caspian Sea": [(51.0, 42.0)],
    "Baltic Sea": [(19.0, 57.0), (20.0, 62.0), (26.0, 59.8)],
    "North Sea": [(3.0, 56.0)],
    "Norwegian Sea": [(3.0, 66.0)],
    "Barents Sea": [(40.0, 73.0)],
    "Greenland Sea": [(-8.0, 75.0)],
    "Red Sea": [(38.0, 20.0), (34.8, 28.8)],
    "Persian Gulf": [(51.5, 27.0)],
    "Arabian Sea": [(63.0, 17.0)],
    "Bay of Bengal": [(88.0, 15.0)],
    "Andaman Sea": [(96.0, 11.0)],
    "South China Sea": [(114.0, 13.0)],
    "East China Sea": [(125.0, 29.0)],
    "Yellow Sea": [(123.0, 36.0)],
    "Japan Sea": [(135.0, 40.0)],
    "Sea of Okhotsk": [(150.0, 55.0)],
    "Bering Sea": [(-175.0, 58.0), (175.0, 57.0)],
    "Gulf of Alaska": [(-148.0, 59.0)],
    "Gulf of California": [(-112.0, 28.0)],
    "Gulf of Mexico": [(-90.0, 25.0)],
    "Caribbean Sea": [(-75.0, 15.0), (-79.8, 9.6)],
    "Hudson Bay": [(-85.0, 60.0)],
    "Baffin Bay": [(-67.0, 73.0)],
    "Mozambique Channel": [(41.0, -18.0)],
    "Coral Sea": [(155.0, -18.0)],
    "Tasman Sea": [(160.0, -37.0)],
    "Weddell Sea": [(-45.0, -73.0)],
    "Ross Sea": [(-175.0, -75.0)],
    "Southern Ocean": [(90.0, -62.0)],
    "Arctic Ocean": [(0.0, 90.0), (-140.0, 80.0)],
    "North Atlantic Ocean": [(-40.0, 35.0), (-27.0, 66.0)],
    "South Atlantic Ocean": [(-20.0, -30.0)],
    "Indian Ocean": [(80.0, -20.0)],
    "North Pacific Ocean": [(-150.0, 30.0), (-79.5, 8.0), (180.0, 30.0)],
    "South Pacific Ocean": [(-120.0, -30.0), (-180.0, -30.0)],
}


@pytest.mark.parametrize(("longitude", "latitude", "country"), PLACES.values(), ids=PLACES)
def test_a_place_on_land_has_its_country_and_no_sea(
    locate: Locate, longitude: float, latitude: float, country: str
) -> None:
    here = locate(longitude, latitude)
    assert (here[0], here[2]) == (country, None)


@pytest.mark.parametrize(
    ("name", "longitude", "latitude"), [(name, *point) for name, points in SEAS.items() for point in points]
)
def test_a_place_at_sea_has_its_sea_and_no_country(
    locate: Locate, name: str, longitude: float, latitude: float
) -> None:
    here = locate(longitude, latitude)
    assert (here[0], here[2]) == (None, name)


def test_every_sea_area_is_tried(jurisdictions: Jurisdictions) -> None:
    assert set(SEAS) <= set(jurisdictions.map.facts["seas"])


def test_far_from_any_border_no_other_country_is_possible(locate: Locate) -> None:
    assert locate(20.0, 0.0, 10_000.0) == ("COD", None, None)


def test_near_a_border_both_countries_are_possible(locate: Locate) -> None:
    assert locate(12.4534, 41.9022) == ("VAT", "ITA VAT", None)
    assert locate(-110.0, 48.998) == ("CAN", "CAN USA", None)
    assert locate(-110.0, 48.988, 0.0) == ("USA", "CAN USA", None)
    assert locate(-110.0, 49.05) == ("CAN", None, None)


def test_a_position_on_the_water_beside_a_coast_may_be_on_land(locate: Locate) -> None:
    assert locate(-155.0, 19.2) == (None, None, "North Pacific Ocean")
    assert locate(-155.0, 19.2, 50_000.0) == (None, "USA", "North Pacific Ocean")


def test_an_uncertain_position_may_be_in_many_countries(locate: Locate) -> None:
    country, countries, _ = locate(10.0, 48.0, 200_000.0)
    assert country == "DEU"
    assert countries == "AUT CHE DEU FRA ITA LIE"


def test_a_position_that_may_be_anywhere_may_be_in_any_country(locate: Locate, jurisdictions: Jurisdictions) -> None:
    assert locate(0.0, 0.0, np.inf)[1] == " ".join(sorted(jurisdictions.countries))


def test_a_territory_whose_country_is_not_agreed_is_given_to_none(locate: Locate) -> None:
    assert locate(21.1, 42.6) == (None, "SRB XKX", None)
    assert locate(34.1, 45.0) == (None, "RUS UKR", None)
    assert locate(35.8, 33.0) == (None, "ISR SYR", None)
    assert locate(-14.0, 25.0) == (None, "ESH MAR", None)
    assert locate(-12.0, 27.6) == (None, "ESH MAR", None)
    assert locate(-11.0, 28.0) == ("MAR", None, None)


@pytest.mark.parametrize(("longitude", "latitude"), [(np.nan, 1.0), (1.0, np.nan), (np.inf, 0.0), (0.0, 90.1)])
def test_where_there_is_no_position_nothing_is_said(locate: Locate, longitude: float, latitude: float) -> None:
    assert locate(longitude, latitude, 10.0) == (None, None, None)


def test_longitudes_may_run_on_beyond_180_degrees(locate: Locate) -> None:
    assert locate(185.0, 67.0) == locate(-175.0, 67.0)
    assert locate(180.0, -80.0) == locate(-180.0, -80.0)


def test_nothing_gives_nothing(jurisdictions: Jurisdictions) -> None:
    nothing = np.zeros(0)
    assert len(jurisdictions.locate(nothing, nothing, nothing).country) == 0
    assert len(jurisdictions.locate_shapes([]).sea_area) == 0


def test_the_version_is_that_of_the_content(jurisdictions: Jurisdictions) -> None:
    assert jurisdictions.version == read_map().version
    assert len(jurisdictions.version) == 16


def test_a_map_that_was_not_built_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as error:
        read_map(tmp_path / "jurisdictions.npz")
    assert error.value.code == "no-jurisdictions"
    assert "make setup" in error.value.hint


def test_a_million_fixes_take_less_than_a_second(jurisdictions: Jurisdictions) -> None:
    rng = np.random.default_rng(3)
    n = 1_000_000
    longitude, latitude = 20 + np.cumsum(rng.normal(0, 1e-3, n)), 45 + np.cumsum(rng.normal(0, 1e-4, n))
    uncertainty = np.full(n, 10.0)
    jurisdictions.locate(longitude[:10], latitude[:10], uncertainty[:10])
    start = time.process_time()
    jurisdictions.locate(longitude, latitude, uncertainty)
    assert time.process_time() - start < 1
