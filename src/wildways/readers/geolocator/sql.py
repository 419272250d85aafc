"""The SQL that makes fixes of GeoLocator-DP paths: one path a tag, its simulations as uncertainty. Text constants."""

TABLES = {
    "tags": ("tag_id", "ring_number", "scientific_name"),
    "staps": ("tag_id", "stap_id", "start", "end"),
    "paths": ("tag_id", "type", "stap_id", "lat", "lon"),
}
"""Table → columns that are read."""

PATH_TYPES = ("most_likely", "geopressureviz", "tag")
"""Types of paths that are a bird's, the best first; simulations are draws of where it may have been."""

PREPARE = """
CREATE TABLE period AS
SELECT tag_id, TRY_CAST(stap_id AS DOUBLE) AS stap,
    any_value(TRY_CAST("start" AS TIMESTAMPTZ)) AS begun, any_value(TRY_CAST("end" AS TIMESTAMPTZ)) AS ended
FROM staps GROUP BY 1, 2 HAVING count(*) = 1 AND begun <= ended;
CREATE TABLE chosen AS
SELECT tag_id, arg_min(type, list_position($types, type)) AS type
FROM paths WHERE list_contains($types, type) GROUP BY 1;
CREATE TABLE draw AS
SELECT tag_id, TRY_CAST(stap_id AS DOUBLE) AS stap, TRY_CAST(lon AS DOUBLE) AS x, TRY_CAST(lat AS DOUBLE) AS y
FROM paths WHERE type = 'simulation';
CREATE TABLE spread AS
SELECT p.number, quantile_cont(2 * 6371008.8 * asin(least(1, sqrt(
    sin(radians(d.y - p.y) / 2) ** 2 + cos(radians(p.y)) * cos(radians(d.y)) * sin(radians(d.x - p.x) / 2) ** 2
))), 0.95) AS radius_m
FROM (
    SELECT paths.number, paths.tag_id, TRY_CAST(stap_id AS DOUBLE) AS stap,
        TRY_CAST(lon AS DOUBLE) AS x, TRY_CAST(lat AS DOUBLE) AS y
    FROM paths JOIN chosen USING (tag_id, type)
) p JOIN draw d ON d.tag_id = p.tag_id AND d.stap = p.stap
WHERE isfinite(p.x) AND isfinite(p.y) AND isfinite(d.x) AND isfinite(d.y) GROUP BY 1"""
"""``spread`` is the radius around a position that holds 95 % of its simulations, great circle, metres."""

POSITIONS = """
SELECT p.number, p.line, p.type,
    strftime(
        make_timestamp((epoch_us(s.begun) + epoch_us(s.ended)) // 2), '%Y-%m-%dT%H:%M:%S.%fZ'
    ) AS "timestamp",
    p.lon AS "location-long", p.lat AS "location-lat",
    coalesce(t.ring_number, p.tag_id) AS "individual-local-identifier",
    p.tag_id AS "tag-local-identifier", t.scientific_name AS "individual-taxon-canonical-name",
    'solar-geolocator' AS "sensor-type", CAST(u.radius_m AS VARCHAR) AS "location-error-numerical",
    CASE
        WHEN p.is_broken THEN 'line-rejected'
        WHEN p.tag_id IS NULL THEN 'tag-missing'
        WHEN p.type = 'simulation' THEN 'simulation'
        WHEN c.type IS NULL OR p.type IS NULL OR NOT list_contains($types, p.type) THEN 'path-type'
        WHEN p.type <> c.type THEN 'path-other'
        WHEN s.begun IS NULL THEN 'stap-missing'
    END AS fate
FROM paths p
LEFT JOIN chosen c ON c.tag_id = p.tag_id
LEFT JOIN period s ON s.tag_id = p.tag_id AND s.stap = TRY_CAST(p.stap_id AS DOUBLE)
LEFT JOIN (SELECT tag_id, any_value(ring_number) AS ring_number, any_value(scientific_name) AS scientific_name
           FROM tags GROUP BY 1) t ON t.tag_id = p.tag_id
LEFT JOIN spread u ON u.number = p.number
ORDER BY p.number"""
