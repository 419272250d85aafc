"""Judges positions of the Argos kind: records as texts in, typed rows with reasons and remarks out."""

from contextlib import ExitStack

import pyarrow as pa

from wildways.model import Source
from wildways.readers.contract import FIX_SCHEMA, ReadingOptions
from wildways.readers.engine import enter_engine
from wildways.readers.fields import load_table
from wildways.readers.marine import sql
from wildways.readers.reading import parameters_of
from wildways.readers.zones import set_time_zone

FORMATS = (
    "%H:%M:%S %d-%b-%Y",
    "%H:%M:%S.%f %d-%b-%Y",
    "%d.%m.%y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
)
"""How Argos files write times. Those that could mean two things are not among them."""

REMARKS = (
    "longitude-wrapped",
    "position-zero",
    "time-ambiguous",
    "study-assumed",
    "taxon-missing",
    "organism-assumed",
    "class-unknown",
    "uncertainty-unusable",
    "ellipse-offset",
    "second-solution",
)
"""Remarks on kept rows, by bit of the column ``remarks``, the lowest first."""

_TEMPLATE = """
WITH texts AS (
    SELECT *, longitude AS x_text, latitude AS y_text, stamp AS time_text FROM records
), typed AS (
    SELECT * EXCLUDE (longitude, latitude),
        TRY_CAST(x_text AS DOUBLE) AS x, TRY_CAST(y_text AS DOUBLE) AS y,
        CASE WHEN {has_offset} THEN TRY_CAST(time_text AS TIMESTAMPTZ) END AS instant,
        CASE WHEN instant IS NULL THEN try_strptime(time_text, $formats) END AS wall,
        coalesce(animal, platform) AS organism_id,
        upper(trim(location_class)) AS class_text,
        lower(trim(type)) AS kind,
        coalesce($sensors[list_position($types, kind)], type,
                 if(class_text = 'G', 'gps', 'argos-doppler-shift')) AS sensor_type,
        coalesce(list_contains($classes, class_text), false)
            AND (sensor_type <> 'gps' OR class_text = 'G') AS has_class,
        TRY_CAST(radius AS DOUBLE) AS given_radius_m,
        TRY_CAST(semi_major AS DOUBLE) AS major_m, TRY_CAST(semi_minor AS DOUBLE) AS minor_m,
        TRY_CAST(orientation AS DOUBLE) AS degrees
    FROM texts
), measured AS (
    SELECT *,
        CASE WHEN given_radius_m > 0 AND isfinite(given_radius_m) THEN given_radius_m END AS radius_m,
        radius_m IS NULL AND radius IS NOT NULL AS is_radius_bad,
        coalesce(major_m >= minor_m AND minor_m > 0 AND isfinite(major_m), false)
            AND (orientation IS NULL OR coalesce(degrees BETWEEN -360 AND 360, false)) AS has_ellipse,
        NOT has_ellipse AND coalesce(semi_major, semi_minor) IS NOT NULL AS is_ellipse_bad,
        TRY_CAST(second_longitude AS DOUBLE) - x AS between,
        abs(between - 360 * round(between / 360)) AS turn
    FROM ({clock})
), judged AS (
    SELECT *,
        CASE
            WHEN fault IS NOT NULL THEN fault
            WHEN kind = 'user' THEN 'deployment-point'
            {reason}
        END AS reason
    FROM measured
)
SELECT
    line, reason,
    CASE
        WHEN reason IS NULL THEN NULL
        WHEN reason = 'deployment-point' THEN time_text
        WHEN reason IN ('encoding', 'hemisphere-missing') THEN concat_ws(' ', y_text, x_text)
        {example}
    END AS example,
    CAST(CASE WHEN reason IS NOT NULL THEN 0 ELSE
        if(x > 180, 1, 0)
        + if(x = 0 AND y = 0, 2, 0)
        + if(is_ambiguous, 4, 0)
        + if($is_study_a_guess, 8, 0)
        + if($taxon IS NULL, 16, 0)
        + if(animal IS NULL, 32, 0)
        + if(class_text IS NOT NULL AND NOT has_class AND sensor_type = 'argos-doppler-shift', 64, 0)
        + if(is_radius_bad OR is_ellipse_bad, 128, 0)
        + if(has_ellipse AND coalesce(TRY_CAST("offset" AS DOUBLE) <> 0, false), 256, 0)
        + if(coalesce(TRY_CAST(second_latitude AS DOUBLE) <> y OR turn > 1e-9, false), 512, 0)
    END AS USMALLINT) AS remarks,
    class_text AS "class-unknown", platform AS "organism-assumed", "offset" AS "ellipse-offset",
    if(is_radius_bad, radius, coalesce(semi_major, semi_minor)) AS "uncertainty-unusable",
    concat_ws(' ', second_latitude, second_longitude) AS "second-solution",
    $study AS study_id,
    organism_id,
    platform AS tag_id,
    $taxon AS taxon,
    time_utc,
    {longitude} AS longitude,
    y AS latitude,
    coalesce(radius_m, if(has_ellipse, sqrt(major_m * minor_m), NULL),
             if(has_class, $radii[list_position($classes, class_text)], NULL)) AS uncertainty_m,
    if(has_ellipse, major_m, NULL) AS semi_major_m,
    if(has_ellipse, minor_m, NULL) AS semi_minor_m,
    if(has_ellipse, coalesce(degrees, 0), NULL) AS ellipse_orientation_deg,
    if(has_class, class_text, NULL) AS location_class,
    sensor_type
FROM judged"""

_JUDGE = _TEMPLATE.format(
    has_offset=sql.HAS_OFFSET, clock=sql.CLOCK, reason=sql.REASON, example=sql.EXAMPLE, longitude=sql.LONGITUDE
)


class Judge:
    """An engine that judges records of one source.

    Parameters
    ----------
    name : the file, for messages
    formats : how the file writes times, beside `FORMATS`
    """

    def __init__(
        self, source: Source, options: ReadingOptions, name: str, stack: ExitStack, *, formats: tuple[str, ...] = ()
    ) -> None:
        self._parameters = _parameters(source, options) | {"formats": [*FORMATS, *formats]}
        self._engine = enter_engine(options, stack)
        if source.time_zone is not None:
            set_time_zone(self._engine, source.time_zone, name)

    def judge(self, records: pa.Table) -> pa.RecordBatch:
        """Type and judge records with the columns of `record.SCHEMA`; a row for each, in their order."""
        self._engine.register("records", records)
        judged = self._engine.execute(_JUDGE, self._parameters).to_arrow_table()
        return judged.combine_chunks().to_batches()[0]


def to_fixes(judged: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    """The sound rows of a judged batch as fixes; `first_row` is the number of its first row in the file."""
    columns = judged.append_column("source_row", pa.array(range(first_row, first_row + judged.num_rows), pa.int64()))
    sound = columns.filter(columns["reason"].is_null())
    arrays = [
        sound[field.name].cast(field.type) if field.name in sound.schema.names else pa.nulls(len(sound), field.type)
        for field in FIX_SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=FIX_SCHEMA)


def _parameters(source: Source, options: ReadingOptions) -> dict[str, object]:
    sensors, classes = load_table("argos/sensors.csv"), load_table("argos/location_classes.csv")
    return {
        **parameters_of(source, options),
        "types": [row["type"] for row in sensors],
        "sensors": [row["sensor"] for row in sensors],
        "classes": [row["class"] for row in classes],
        "radii": [float(row["radius_m"]) if row["radius_m"] else None for row in classes],
    }
