"""Where links between sites lie. Pure; tables in, columns out."""

import pyarrow as pa

from wildways.model import DERIVED_COLUMNS

_PLACE_COLUMNS = DERIVED_COLUMNS[1:]
_Place = tuple[str | None, str | None, str | None]
_NOWHERE: _Place = (None, None, None)


def places_of_links(link: pa.RecordBatch | pa.Table, site: pa.Table | None) -> list[pa.Array]:
    """Where links lie, going by their two sites.

    Parameters
    ----------
    link : columns ``study_id, from_site_id, to_site_id``
    site : columns ``study_id, site_id, country, countries, sea_area``; of several records the first that lies somewhere
        counts

    Returns
    -------
    Country and sea area where both sites share them, and between them all countries that are possible at either site,
    where that says more than the country: in the order ``country, countries, sea_area``.
    """
    places = _places_of_sites(site)
    studies = link["study_id"].to_pylist()
    ends = [zip(studies, link[name].to_pylist(), strict=True) for name in ("from_site_id", "to_site_id")]
    rows = [_union(places.get(start, _NOWHERE), places.get(end, _NOWHERE)) for start, end in zip(*ends, strict=True)]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return [pa.array(column, pa.string()) for column in columns]


def _places_of_sites(site: pa.Table | None) -> dict[tuple[str, str], _Place]:
    """Place of each site by study and id; of several records the first that has one."""
    places: dict[tuple[str, str], _Place] = {}
    if site is not None:
        columns = (site[name].to_pylist() for name in ("study_id", "site_id", *_PLACE_COLUMNS))
        for study, site_id, *place in zip(*columns, strict=True):
            if places.get((study, site_id), _NOWHERE) == _NOWHERE:
                places[study, site_id] = (place[0], place[1], place[2])
    return places


def _union(start: _Place, end: _Place) -> _Place:
    country = start[0] if start[0] == end[0] else None
    sea = start[2] if start[2] == end[2] else None
    countries = " ".join(sorted({code for place in (start, end) for code in (place[1] or place[0] or "").split()}))
    return country, countries if countries and countries != country else None, sea
