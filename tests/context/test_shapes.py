"""Shapes lie in every country that they touch."""

import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from wildways.context import Jurisdictions
from wildways.model import BadInput

Place = tuple[str | None, str | None, str | None]


def locate(jurisdictions: Jurisdictions, shape: shapely.Geometry) -> Place:
    here = jurisdictions.locate_shapes([shapely.to_wkb(shape)])
    return here.country[0].as_py(), here.countries[0].as_py(), here.sea_area[0].as_py()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Point(36.82, -1.29), ("KEN", None, None)),
        (Point(-40, 30), (None, None, "North Atlantic Ocean")),
        (MultiPoint([(36.82, -1.29), (33, -5)]), (None, "KEN TZA", None)),
        (LineString([(36, -1), (36, -5)]), (None, "KEN TZA", None)),
        (LineString([(170, 66), (190, 66.5)]), ("RUS", None, "Bering Sea")),
        (box(37, 0, 38, 1), ("KEN", None, None)),
        (box(-40, 30, -38, 32), (None, None, "North Atlantic Ocean")),
        (GeometryCollection([Point(36.82, -1.29), LineString([(2, 48), (3, 48)])]), (None, "FRA KEN", None)),
    ],
)
def test_a_shape_is_in_the_countries_and_the_sea_that_it_touches(
    jurisdictions: Jurisdictions, shape: shapely.Geometry, expected: Place
) -> None:
    here = locate(jurisdictions, shape)
    assert here[:2] == expected[:2]
    if expected[2] != "Bering Sea":
        assert here[2] == expected[2]


def test_a_country_inside_a_polygon_is_touched(jurisdictions: Jurisdictions) -> None:
    country, countries, _ = locate(jurisdictions, box(12, 41.5, 13.2, 42.3))
    assert country is None
    assert countries == "ITA VAT"


def test_a_polygon_around_an_island_touches_its_country(jurisdictions: Jurisdictions) -> None:
    assert locate(jurisdictions, box(-20, 60.5, -17, 63.55))[0] == "ISL"
    assert locate(jurisdictions, Point(-29.5, 39).buffer(8))[0] == "PRT"


def test_a_hole_is_not_part_of_a_polygon(jurisdictions: Jurisdictions) -> None:
    ring = Polygon(box(-35, 35, -20, 42).exterior, [box(-32, 36.5, -24.5, 40.2).exterior])
    assert locate(jurisdictions, ring) == (None, None, "North Atlantic Ocean")


def test_a_point_is_where_the_position_is(jurisdictions: Jurisdictions) -> None:
    assert locate(jurisdictions, Point(12.4534, 41.9022)) == ("VAT", "ITA VAT", None)


def test_where_there_is_no_shape_nothing_is_said(jurisdictions: Jurisdictions) -> None:
    here = jurisdictions.locate_shapes([None, shapely.to_wkb(Point()), shapely.to_wkb(Point(20, 0))])
    assert here.country.to_pylist() == [None, None, "COD"]
    assert here.countries.to_pylist() == [None, None, None]


def test_what_is_not_wkb_is_refused(jurisdictions: Jurisdictions) -> None:
    with pytest.raises(BadInput) as error:
        jurisdictions.locate_shapes([b"not a shape"])
    assert error.value.code == "bad-shape"
