"""The SQL that types and judges the rows of Movebank event data. Put together from constants; values are bound.

Sound rows take the first branch of each CASE, which keeps the single pass fast.
"""
# ruff: noqa: S608 - what is put together are constants of this file

from collections.abc import Container
from types import MappingProxyType

TEXT_COLUMNS = MappingProxyType(
    {
        "timestamp": "time_text",
        "location-long": "x_text",
        "location-lat": "y_text",
        "individual-local-identifier": "animal_text",
        "tag-local-identifier": "tag_text",
        "individual-taxon-canonical-name": "taxon_text",
        "study-name": "study_text",
        "sensor-type": "sensor_text",
        "location-error-numerical": "error_text",
        "argos-semi-major": "semi_major_text",
        "argos-semi-minor": "semi_minor_text",
        "argos-orientation": "orientation_text",
        "argos-lc": "class_text",
        "visible": "visible_text",
        "manually-marked-outlier": "manual_text",
        "algorithm-marked-outlier": "algorithm_text",
        "import-marked-outlier": "import_text",
        "manually-marked-valid": "valid_text",
    }
)
"""Field of Movebank → its name in this SQL."""

DEGREES = "SELECT *, x AS given_longitude, y AS latitude FROM typed"
PROJECTED = """
    SELECT *, degrees.longitude AS given_longitude, degrees.latitude AS latitude
    FROM (SELECT *, to_degrees(x, y) AS degrees FROM typed)"""

_HAS_OFFSET = (
    r"regexp_matches(time_text, ':[0-9]{2}(\.[0-9]+)?\s*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?|[A-Z][A-Za-z_/]+)\s*$')"
)

UTC_CLOCK = """
    SELECT *, stamp AS time_utc, NULL::VARCHAR AS clock_fault, false AS is_ambiguous
    FROM (
        SELECT *,
            CASE WHEN strlen(time_text) = 23 AND wall IS NOT NULL THEN make_timestamptz(epoch_us(wall))
                 ELSE TRY_CAST(time_text AS TIMESTAMPTZ) END AS stamp
        FROM (SELECT *, TRY_CAST(time_text AS TIMESTAMP) AS wall FROM placed)
    )"""
"""Stamps are UTC unless they carry an offset. Movebank's own have 23 characters and none, and are read faster so; a
level of its own keeps the engine from casting each of them twice."""

OFFSET_CLOCK = f"""
    SELECT *, stamp AS time_utc, false AS is_ambiguous,
        CASE WHEN stamp IS NOT NULL AND NOT {_HAS_OFFSET} THEN 'time-zone-missing' END AS clock_fault
    FROM (SELECT *, TRY_CAST(time_text AS TIMESTAMPTZ) AS stamp FROM placed)"""
"""Every stamp must carry its offset."""

LOCAL_CLOCK = f"""
    SELECT *,
        CASE WHEN is_local AND CAST(stamp - INTERVAL 1 HOUR AS TIMESTAMP) = wall THEN stamp - INTERVAL 1 HOUR
             WHEN is_local AND CAST(stamp - INTERVAL 30 MINUTE AS TIMESTAMP) = wall THEN stamp - INTERVAL 30 MINUTE
             ELSE stamp END AS time_utc,
        is_local AND time_utc IS DISTINCT FROM stamp AS is_ambiguous,
        CASE WHEN is_local AND CAST(stamp AS TIMESTAMP) <> wall THEN 'time-nonexistent' END AS clock_fault
    FROM (
        SELECT *, TRY_CAST(time_text AS TIMESTAMPTZ) AS stamp, TRY_CAST(time_text AS TIMESTAMP) AS wall,
            NOT {_HAS_OFFSET} AS is_local
        FROM placed
    )"""
"""Stamps are wall time in the session's zone. The engine reads a stamp that exists twice as the later instant; the
earlier one, still on summer time, is taken."""

_JUDGED = """
, typed AS (
    SELECT *,
        TRY_CAST(x_text AS DOUBLE) AS x, TRY_CAST(y_text AS DOUBLE) AS y,
        TRY_CAST(error_text AS DOUBLE) AS error_m,
        TRY_CAST(semi_major_text AS DOUBLE) AS semi_major_m,
        TRY_CAST(semi_minor_text AS DOUBLE) AS semi_minor_m,
        TRY_CAST(orientation_text AS DOUBLE) AS orientation_deg,
        TRY_CAST(visible_text AS BOOLEAN) AS visible,
        TRY_CAST(manual_text AS BOOLEAN) AS manually_marked_outlier,
        TRY_CAST(algorithm_text AS BOOLEAN) AS algorithm_marked_outlier,
        TRY_CAST(import_text AS BOOLEAN) AS import_marked_outlier,
        TRY_CAST(valid_text AS BOOLEAN) AS manually_marked_valid,
        coalesce(taxon_text, $taxon) AS taxon
    FROM parsed
), placed AS ({position}
), timed AS ({clock}
), judged AS (
    SELECT *,
        CASE
            WHEN given_longitude BETWEEN -180 AND 360 AND latitude BETWEEN -90 AND 90
                AND stamp >= TIMESTAMPTZ '1900-01-01 00:00:00+00' AND time_utc <= $latest
                AND animal_text >= '!' AND clock_fault IS NULL
                AND (sensor_text IS NULL OR sensor_text = 'gps' OR NOT list_contains($blind_sensors, sensor_text))
                THEN NULL
            WHEN sensor_text IS NOT NULL AND list_contains($blind_sensors, sensor_text) THEN 'sensor-without-position'
            WHEN x_text IS NULL OR y_text IS NULL THEN 'no-position'
            WHEN x IS NULL OR NOT isfinite(x) THEN 'longitude-unreadable'
            WHEN y IS NULL OR NOT isfinite(y) THEN 'latitude-unreadable'
            WHEN isnan(given_longitude) OR isnan(latitude) THEN 'position-outside-crs'
            WHEN abs(latitude) > 90 THEN 'latitude-range'
            WHEN given_longitude < -180 OR given_longitude > 360 THEN 'longitude-range'
            WHEN time_text IS NULL THEN 'time-missing'
            WHEN stamp IS NULL OR NOT isfinite(stamp) OR stamp < TIMESTAMPTZ '1900-01-01 00:00:00+00'
                THEN 'time-unreadable'
            WHEN clock_fault IS NOT NULL THEN clock_fault
            WHEN time_utc > $latest THEN 'time-future'
            WHEN animal_text IS NULL OR trim(animal_text) = '' THEN 'no-animal'
        END AS reason,
        CASE
            WHEN (visible_text IS NULL OR visible IS NOT NULL)
                AND (manual_text IS NULL OR manually_marked_outlier IS NOT NULL)
                AND (algorithm_text IS NULL OR algorithm_marked_outlier IS NOT NULL)
                AND (import_text IS NULL OR import_marked_outlier IS NOT NULL)
                AND (valid_text IS NULL OR manually_marked_valid IS NOT NULL) THEN NULL
            WHEN visible IS NULL AND visible_text IS NOT NULL THEN visible_text
            WHEN manually_marked_outlier IS NULL AND manual_text IS NOT NULL THEN manual_text
            WHEN algorithm_marked_outlier IS NULL AND algorithm_text IS NOT NULL THEN algorithm_text
            WHEN import_marked_outlier IS NULL AND import_text IS NOT NULL THEN import_text
            ELSE valid_text
        END AS unreadable_mark
    FROM timed
)
SELECT
    reason,
    CASE
        WHEN reason IS NULL THEN unreadable_mark
        WHEN reason = 'sensor-without-position' THEN sensor_text
        WHEN reason LIKE 'longitude-%' THEN x_text
        WHEN reason LIKE 'latitude-%' THEN y_text
        WHEN reason = 'position-outside-crs' THEN concat(x_text, ' ', y_text)
        WHEN reason LIKE 'time-%' THEN time_text
    END AS example,
    is_ambiguous,
    study_text AS study_id,
    animal_text AS organism_id,
    taxon,
    time_utc,
    given_longitude AS longitude,
    latitude{further}
FROM judged"""

_FURTHER = MappingProxyType(
    {
        "tag-local-identifier": "tag_text AS tag_id",
        "location-error-numerical": "if(isfinite(error_m) AND error_m >= 0, error_m, NULL) AS uncertainty_m",
        "argos-semi-major": "if(isfinite(semi_major_m) AND semi_major_m >= 0, semi_major_m, NULL) AS semi_major_m",
        "argos-semi-minor": "if(isfinite(semi_minor_m) AND semi_minor_m >= 0, semi_minor_m, NULL) AS semi_minor_m",
        "argos-orientation": "if(isfinite(orientation_deg), orientation_deg, NULL) AS ellipse_orientation_deg",
        "argos-lc": "upper(class_text) AS location_class",
        "sensor-type": "sensor_text AS sensor_type",
        "visible": "visible",
        "manually-marked-outlier": "manually_marked_outlier",
        "algorithm-marked-outlier": "algorithm_marked_outlier",
        "import-marked-outlier": "import_marked_outlier",
        "manually-marked-valid": "manually_marked_valid",
    }
)
"""Field of Movebank → the column that is made of it alone."""


def judging_query(fields: Container[str], *, position: str, clock: str) -> str:
    """The query over ``parsed`` that types and judges each row, with the columns that the file's fields can fill.

    Parameters
    ----------
    fields : fields of Movebank that the file has
    position : `DEGREES` or `PROJECTED`
    clock : `UTC_CLOCK`, `OFFSET_CLOCK` or `LOCAL_CLOCK`
    """
    further = "".join(f",\n    {column}" for field, column in _FURTHER.items() if field in fields)
    return _JUDGED.format(position=position, clock=clock, further=further)
