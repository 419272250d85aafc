"""The SQL that types and judges detections of acoustic tags. Text constants; values are bound."""

from types import MappingProxyType

from wildways.readers.marine import sql

TEXT_COLUMNS = MappingProxyType(
    {
        "animal": "animal_text",
        "tag": "tag_text",
        "tag-serial": "serial_text",
        "taxon": "taxon_text",
        "study": "study_text",
        "date": "time_text",
        "longitude": "x_text",
        "latitude": "y_text",
        "receiver": "receiver_text",
        "station": "station_text",
        "quality": "quality_mark",
        "detection": "detection_text",
        "sensor-type": "sensor_text",
    }
)
"""Role of a field of detections → its name in this SQL."""

REMARKS = (
    "longitude-wrapped",
    "position-zero",
    "time-ambiguous",
    "study-assumed",
    "taxon-missing",
    "organism-assumed",
    "receiver-missing",
)
"""Remarks on kept rows, by bit of the column ``remarks``, the lowest first."""

_TEMPLATE = """
, typed AS (
    SELECT *,
        TRY_CAST(x_text AS DOUBLE) AS x, TRY_CAST(y_text AS DOUBLE) AS y,
        CASE WHEN {has_offset} THEN TRY_CAST(time_text AS TIMESTAMPTZ) END AS instant,
        CASE WHEN instant IS NULL AND regexp_matches(time_text, '^[0-9]{{4}}-') THEN TRY_CAST(time_text AS TIMESTAMP)
            END AS wall,
        coalesce(tag_text, serial_text) AS tag_id,
        coalesce(animal_text, tag_id) AS organism_id,
        coalesce(taxon_text, $taxon) AS taxon,
        CASE
            WHEN NOT $has_releases THEN false
            WHEN lower(receiver_text) = 'release' OR lower(station_text) = 'release' OR lower(sensor_text) = 'release'
                OR contains(lower(detection_text), 'release') THEN true
            WHEN $has_receivers AND receiver_text IS NULL THEN NULL
            ELSE false
        END AS is_release
    FROM parsed
), judged AS (
    SELECT *,
        CASE
            WHEN time_text LIKE '1900-01-0%' OR time_text LIKE '1899-12-3%' THEN 'time-spreadsheet'
            {reason}
        END AS reason
    FROM ({clock})
)
SELECT
    reason,
    CASE
        WHEN reason IS NULL THEN NULL
        {example}
    END AS example,
    CAST(CASE WHEN reason IS NOT NULL THEN 0 ELSE
        if(x > 180, 1, 0)
        + if(x = 0 AND y = 0, 2, 0)
        + if(is_ambiguous, 4, 0)
        + if($is_study_a_guess AND study_text IS NULL, 8, 0)
        + if(taxon IS NULL, 16, 0)
        + if(animal_text IS NULL, 32, 0)
        + if(is_release IS NULL, 64, 0)
    END AS USMALLINT) AS remarks,
    tag_id AS "organism-assumed",
    detection_text AS "receiver-missing",
    coalesce(study_text, $study) AS study_id,
    organism_id,
    tag_id,
    taxon,
    time_utc,
    {longitude} AS longitude,
    y AS latitude,
    if(is_release = false, $range_m, NULL) AS uncertainty_m,
    if(is_release, NULL, receiver_text) AS receiver_id,
    station_text AS station,
    is_release,
    quality_mark
FROM judged"""

JUDGE = _TEMPLATE.format(
    has_offset=sql.HAS_OFFSET, clock=sql.CLOCK, reason=sql.REASON, example=sql.EXAMPLE, longitude=sql.LONGITUDE
)
