"""Where EURING records are of: sexagesimal or decimal coordinates, with the radius their accuracy code stands for."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wildways.readers.euring.fields import Codes, Mask, alphabet, as_numbers, consists_of, find_accuracy, is_blank
from wildways.readers.euring.judge import Judge
from wildways.readers.euring.layout import Records

LEAST_RADIUS_1966_M = 7_900.0
"""Records born in the code of 1966 have coordinates to a tenth of a degree: half the diagonal of such a cell."""

_DECIMAL = r"^-?[0-9]{1,3}(\.[0-9]{1,12})?$"
_BORN_1966 = alphabet(b"01")
_SIGNS = alphabet(b"+-")
_NO_COORDINATES = alphabet(b"-. ")
_LATITUDE, _LONGITUDE = slice(0, 7), slice(7, 15)
_DECIMALS = (("latitude", 90), ("longitude", 180))

Degrees = NDArray[np.float64]


def find_positions(records: Records, judge: Judge) -> tuple[pa.DoubleArray, pa.DoubleArray, pa.DoubleArray]:
    """Find longitude, latitude (degrees, WGS 84) and the radius of uncertainty (metres).

    Degrees are counted in whole seconds and divided once, and the sign is that of the sign character: ``-003000`` is
    half a degree south. A record that is only somewhere in the region of its place code (accuracy 9 or Z) has no point,
    whatever its coordinates say. Accuracies that are not given or no codes leave the radius empty.
    """
    latitude, longitude = _find_degrees(records, judge)
    codes = records.field("accuracy_of_coordinates")
    radius, is_known = find_accuracy("accuracy_of_coordinates", codes)
    is_region = is_known & np.isnan(radius)
    has_point = np.isfinite(latitude) & ~is_region
    judge.remark("position-region", "accuracy_of_coordinates", is_region)
    judge.remark("position-missing", "geographical_coordinates", np.isnan(latitude) & ~is_region)
    judge.remark("position-zero", "geographical_coordinates", has_point & (latitude == 0) & (longitude == 0))
    judge.remark("accuracy-missing", "accuracy_of_coordinates", has_point & is_blank(codes))
    judge.remark("accuracy-code", "accuracy_of_coordinates", has_point & ~is_known & ~is_blank(codes))
    is_coarse = consists_of(records.field("euring_code_identifier"), _BORN_1966)
    radius = np.where(is_coarse, np.maximum(radius, LEAST_RADIUS_1966_M), radius)
    return (
        pa.array(longitude, mask=~has_point),
        pa.array(latitude, mask=~has_point),
        pa.array(radius, mask=~has_point | np.isnan(radius)),
    )


def _find_degrees(records: Records, judge: Judge) -> tuple[Degrees, Degrees]:
    """Latitude and longitude, NaN where the record has none; unreadable ones are refused."""
    codes = records.field("geographical_coordinates")
    is_given = ~consists_of(codes, _NO_COORDINATES)
    latitude, longitude = _sexagesimal(codes[:, _LATITUDE], 90), _sexagesimal(codes[:, _LONGITUDE], 180)
    is_read = np.isfinite(latitude) & np.isfinite(longitude)
    is_decimal = np.zeros(len(records), dtype=bool)
    if {"latitude", "longitude"} & records.extras.keys():
        (north, is_north), (east, is_east) = (_decimal(records, name, most) for name, most in _DECIMALS)
        is_decimal = is_north | is_east
        judge.refuse("position-unreadable", "latitude", is_decimal & np.isnan(north))
        judge.refuse("position-unreadable", "longitude", is_decimal & np.isnan(east))
        latitude, longitude = np.where(is_decimal, north, latitude), np.where(is_decimal, east, longitude)
    judge.refuse("position-unreadable", "geographical_coordinates", is_given & ~is_read & ~is_decimal)
    judge.remark("position-twice", "geographical_coordinates", is_given & is_decimal)
    judge.remark("position-sixty", "geographical_coordinates", is_given & ~is_decimal & _has_sixty(codes))
    return latitude, longitude


def _sexagesimal(codes: Codes, most_degrees: int) -> Degrees:
    """Degrees of a sign, degrees, two digits of minutes and two of seconds; NaN where they cannot be read."""
    degrees, minutes, seconds = (as_numbers(part) for part in (codes[:, 1:-4], codes[:, -4:-2], codes[:, -2:]))
    is_sign = consists_of(codes[:, :1], _SIGNS)
    total = degrees * 3600 + minutes * 60 + seconds
    is_number = is_sign & (degrees >= 0) & (minutes >= 0) & (seconds >= 0) & (minutes <= 60) & (seconds <= 60)
    signed = np.where(codes[:, 0] == ord("-"), -total, total)
    return np.where(is_number & (total <= most_degrees * 3600), signed / 3600 + 0.0, np.nan)


def _has_sixty(codes: Codes) -> Mask:
    has_sixty: Mask = np.logical_or.reduce([as_numbers(codes[:, at : at + 2]) == 60 for at in (3, 5, 11, 13)])
    return has_sixty


def _decimal(records: Records, name: str, most_degrees: int) -> tuple[Degrees, Mask]:
    """Decimal degrees of a later field, NaN where none or unreadable, and where the field is given."""
    if name not in records.extras:
        return np.full(len(records), np.nan), np.zeros(len(records), dtype=bool)
    encoded = records.extras[name].dictionary_encode()
    is_given: Mask = encoded.is_valid().to_numpy(zero_copy_only=False)
    degrees = _degrees_of(encoded.dictionary, most_degrees)
    return np.append(degrees, np.nan)[encoded.indices.fill_null(-1)], is_given


def _degrees_of(texts: pa.BinaryArray, most_degrees: int) -> Degrees:
    """Decimal degrees; NaN where they cannot be read."""
    is_number = pc.match_substring_regex(texts, _DECIMAL)
    numbers = pc.if_else(is_number, texts, None).cast(pa.string()).cast(pa.float64())
    degrees: Degrees = numbers.fill_null(np.nan).to_numpy()
    return np.where(np.abs(degrees) <= most_degrees, degrees + 0.0, np.nan)
