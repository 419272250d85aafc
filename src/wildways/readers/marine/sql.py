"""SQL that Argos, acoustic and ATN data share: wall time to UTC, and what is wrong with a position or a time.

Text constants; values are bound. A row has the columns ``x_text``, ``y_text``, ``x``, ``y`` (degrees), ``time_text``,
``wall`` (TIMESTAMP without zone), ``instant`` (TIMESTAMPTZ of stamps that say their offset) and ``organism_id``.
"""

CLOCK = """
    SELECT *,
        CASE WHEN instant IS NOT NULL THEN instant
             WHEN CAST(local_time - INTERVAL 1 HOUR AS TIMESTAMP) = wall THEN local_time - INTERVAL 1 HOUR
             WHEN CAST(local_time - INTERVAL 30 MINUTE AS TIMESTAMP) = wall THEN local_time - INTERVAL 30 MINUTE
             ELSE local_time END AS time_utc,
        instant IS NULL AND time_utc <> local_time AS is_ambiguous,
        instant IS NULL AND CAST(local_time AS TIMESTAMP) <> wall AS is_nonexistent
    FROM (
        SELECT *, CASE WHEN wall BETWEEN TIMESTAMP '1800-01-01' AND TIMESTAMP '9000-01-01'
                       THEN TRY_CAST(wall AS TIMESTAMPTZ) END AS local_time
        FROM typed
    )"""
"""Rows of ``typed`` with ``time_utc``. Wall time is of the session's zone.

Of a time that the clock showed twice the first is taken."""

REASON = """
            WHEN x BETWEEN -180 AND 360 AND y BETWEEN -90 AND 90
                AND time_utc BETWEEN TIMESTAMPTZ '1900-01-01 00:00:00+00' AND $latest
                AND organism_id >= '!' AND NOT is_nonexistent THEN NULL
            WHEN x_text IS NULL OR y_text IS NULL THEN 'no-position'
            WHEN x IS NULL OR NOT isfinite(x) THEN 'longitude-unreadable'
            WHEN y IS NULL OR NOT isfinite(y) THEN 'latitude-unreadable'
            WHEN abs(y) > 90 THEN 'latitude-range'
            WHEN x < -180 OR x > 360 THEN 'longitude-range'
            WHEN time_text IS NULL THEN 'time-missing'
            WHEN time_utc IS NULL OR time_utc < TIMESTAMPTZ '1900-01-01 00:00:00+00' THEN 'time-unreadable'
            WHEN is_nonexistent THEN 'time-nonexistent'
            WHEN time_utc > $latest THEN 'time-future'
            ELSE 'no-animal'"""
"""Branches of the CASE that gives the reason for refusing a row, the sound ones first."""

EXAMPLE = """
            WHEN reason LIKE 'longitude-%' THEN x_text
            WHEN reason LIKE 'latitude-%' THEN y_text
            WHEN reason LIKE 'time-%' THEN time_text"""
"""Branches of the CASE that gives the value behind a reason."""

LONGITUDE = "CASE WHEN reason IS NULL AND x > 180 THEN x - 360 ELSE x END"

HAS_OFFSET = r"regexp_matches(time_text, ':[0-9]{2}(\.[0-9]+)?\s*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)\s*$')"
"""Whether a stamp says its offset from UTC."""
