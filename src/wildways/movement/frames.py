"""From a GeoDataFrame of points to the frame of fixes that the methods take."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import CRS

from wildways.model.errors import BadInput, Place
from wildways.movement.fixes import animal_bounds

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

WGS84 = CRS.from_epsg(4326)


def fixes_from_points(points: "GeoDataFrame", *, animal: str = "animal_id", time: str = "time_utc") -> pd.DataFrame:
    """Make the frame of fixes that the methods take.

    Nothing is cleaned and no row is left out: flags say later which fixes to use.

    Parameters
    ----------
    points : one point a row, in any CRS that it states, in any order
    animal : column of the animal; any values, read as text
    time : column of the time, aware of its time zone

    Returns
    -------
    ``animal_id, time_utc`` (UTC, microseconds), ``longitude, latitude`` (degrees, WGS 84), then the other columns as
    they were, for example marks of outliers or Argos classes; sorted by animal and time, index from 0.

    Raises
    ------
    BadInput : ``fixes-crs`` (the points state none), ``fixes-column``, ``fixes-geometry`` (empty, or no point),
        ``fixes-missing`` (no animal or time), ``fixes-time-zone``, ``fixes-position``

    Examples
    --------
    >>> import geopandas, pandas
    >>> places = geopandas.points_from_xy([500_000, 501_000], [5_000_000, 5_002_000], crs="EPSG:32612")
    >>> times = pandas.to_datetime(["2024-05-01 06:00Z", "2024-05-01 00:00Z"])
    >>> points = geopandas.GeoDataFrame({"collar": [7, 7], "seen": times}, geometry=places)
    >>> fixes_from_points(points, animal="collar", time="seen")[["animal_id", "longitude", "latitude"]].round(4)
      animal_id  longitude  latitude
    0         7  -110.9873   45.1715
    1         7  -111.0000   45.1535
    """
    _require_points(points, animal, time)
    degrees = points.geometry.to_crs(WGS84)
    others = points.drop(columns=[points.geometry.name, animal, time])
    fixes = pd.DataFrame(
        {
            "animal_id": points[animal].map(str).astype(object),
            "time_utc": points[time].dt.tz_convert("UTC").dt.as_unit("us"),
            "longitude": degrees.x.astype(np.float64),
            "latitude": degrees.y.astype(np.float64),
        }
    )
    others = pd.DataFrame(others).drop(columns=[name for name in fixes if name in others])
    fixes = fixes.join(others).sort_values(["animal_id", "time_utc"], kind="stable", ignore_index=True)
    animal_bounds(fixes)
    return fixes


def _require_points(points: "GeoDataFrame", animal: str, time: str) -> None:
    if points.crs is None:
        raise BadInput("fixes-crs", "The points state no CRS.", hint="Say which one: points.set_crs(4326).")
    for name in (animal, time):
        if name not in points.columns:
            known = ", ".join(str(column) for column in points.columns)
            raise BadInput(
                "fixes-column", f"There is no column “{name}”.", hint=f"There are {known}.", place=Place(field=name)
            )
        _refuse(points[name].isna(), "fixes-missing", name, "It is empty")
    if not isinstance(points[time].dtype, pd.DatetimeTZDtype):
        raise BadInput(
            "fixes-time-zone",
            f"The times are {points[time].dtype}, without a time zone.",
            hint="Convert them: pandas.to_datetime(…, utc=True) where they are UTC, else .dt.tz_localize(zone).",
            place=Place(field=time),
        )
    is_point = (points.geometry.geom_type == "Point") & ~points.geometry.is_empty
    _refuse(~is_point, "fixes-geometry", str(points.geometry.name), "There is no point")


def _refuse(is_wrong: "pd.Series[bool]", code: str, field: str, what: str) -> None:
    rows = np.flatnonzero(is_wrong.to_numpy())
    if rows.size:
        message = f"{what} in {rows.size} of {is_wrong.size} rows, the first of which is row {rows[0]}."
        raise BadInput(code, message, hint="Leave such rows out, or complete them.", place=Place(field=field))
