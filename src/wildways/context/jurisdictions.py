"""In which country and sea positions and shapes lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from wildways.context import _border_kernels as kernels
from wildways.context._border_kernels import Regions, Words
from wildways.context.borders import BorderMap, cells_of, is_position, read_map
from wildways.context.countries import Country, country_code
from wildways.context.located import Located, count_countries, encoded, set_texts, sole_country
from wildways.context.shapes import Samples, sample_shapes

_CHUNK = 1 << 16
"""Positions located at a time; bounds the memory for sets of countries."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Jurisdictions:
    """A map of countries and seas, and where positions lie on it.

    Countries are those of Natural Earth at 1:10 million, by ISO 3166-1 alpha-3 code; lakes are part of the land.
    Where it is not agreed which country a territory belongs to, it is given to none and all are possible.
    """

    map: BorderMap

    @classmethod
    def load(cls) -> "Jurisdictions":
        """Load the map that comes with the package; it is kept for later calls.

        Raises
        ------
        NotFound : ``no-jurisdictions``: it has not been built
        """
        return _load()

    @property
    def version(self) -> str:
        """Made from the content of the map: what another version located may lie elsewhere on this one."""
        return self.map.version

    @property
    def map_uncertainty_m(self) -> float:
        """How far borders and coasts may be from where they are drawn, metres; added to a position's own."""
        return float(self.map.facts["map_uncertainty_m"])

    @cached_property
    def countries(self) -> Mapping[str, Country]:
        """Every country of the map, by its code."""
        return {code: Country(code=code, **facts) for code, facts in self.map.facts["countries"].items()}

    def country_code(self, text: str) -> str:
        """Find the code of a country by its ISO code (two or three letters) or its name in a UN language.

        Raises
        ------
        BadInput : ``unknown-country``, with the names that are nearest
        """
        return country_code(text, self.countries, self.map.facts["aliases"])

    def locate(self, longitude: Floats, latitude: Floats, uncertainty_m: Floats | None = None) -> Located:
        """Find the country and sea of positions, and the countries that are possible.

        A country is possible if it has land in the disc around the position whose radius is the position's uncertainty
        plus `map_uncertainty_m`. The set is never too small, and up to 1.2 % of the radius and 30 m too large.

        Parameters
        ----------
        longitude, latitude : degrees, WGS 84, shape (n,); NaN where there is no position
        uncertainty_m : metres, shape (n,); NaN where it is not known: then only that of the map counts

        Returns
        -------
        One entry a position
        """
        regions, numbers, sets = self._find(longitude, latitude, uncertainty_m)
        return self._located(self._country_numbers[regions], numbers, sets, self._seas(longitude, latitude, regions))

    def locate_shapes(self, wkb: list[bytes | None]) -> Located:
        """Find the countries and seas that shapes touch.

        ``country`` and ``sea_area`` are given where a shape touches just one; ``countries`` are all within
        `map_uncertainty_m` of it. Lines and outlines are followed in steps of at most 0.01 degrees.

        Parameters
        ----------
        wkb : points, lines, polygons or collections of them in WKB, degrees, WGS 84; None where there is no shape

        Returns
        -------
        One entry a shape

        Raises
        ------
        BadInput : ``bad-shape``: not WKB
        """
        return self._joined(sample_shapes(wkb, self.map.part))

    def _find(
        self, longitude: Floats, latitude: Floats, uncertainty_m: Floats | None
    ) -> tuple[Regions, NDArray[np.int32], Words]:
        """Regions, numbers of sets (-1 for none), and the sets."""
        reach = np.full(longitude.size, self.map_uncertainty_m)
        if uncertainty_m is not None:
            reach += np.maximum(np.nan_to_num(uncertainty_m, nan=0.0, posinf=1e9), 0)
        regions, numbers = np.empty(longitude.size, np.uint16), np.empty(longitude.size, np.int32)
        sets, n = np.zeros((0, 4), np.uint64), 0
        for start in range(0, longitude.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            table, sets = _with_room(sets[:n], min(_CHUNK, longitude.size - start))
            regions[part], numbers[part], n = kernels.locate(
                self.map.borders, longitude[part], latitude[part], reach[part], table, sets, n
            )
        return regions, numbers, sets[:n]

    def _located(
        self, country: NDArray[np.int16], numbers: NDArray[np.int32], sets: Words, sea: NDArray[np.int16]
    ) -> Located:
        codes = list(self.countries)
        return Located(
            country=encoded(country, country >= 0, codes),
            countries=encoded(numbers, numbers >= 0, set_texts(sets, codes)),
            sea_area=encoded(sea, sea >= 0, self.map.facts["seas"]),
        )

    @cached_property
    def _country_numbers(self) -> NDArray[np.int16]:
        """The country that a region is, (regions,); -1 for the sea and where it is not agreed."""
        numbers = {code: number for number, code in enumerate(self.countries)}
        alone = [numbers[codes[0]] if len(codes) == 1 else -1 for codes in self.map.facts["regions"]]
        return np.array(alone, np.int16)

    def _seas(self, longitude: Floats, latitude: Floats, regions: Regions) -> NDArray[np.int16]:
        """Numbers of seas; -1 on land and where there is no position."""
        sea = np.full(longitude.size, -1, np.int16)
        at_sea = np.flatnonzero((regions == 0) & is_position(longitude, latitude))
        sea[at_sea] = self.map.sea[cells_of(longitude[at_sea], latitude[at_sea])]
        return sea

    def _joined(self, samples: Samples) -> Located:
        """What shapes touch, from the positions that follow them and the parts of countries inside them."""
        regions, numbers, sets = self._find(samples.longitude, samples.latitude, None)
        seas = self._seas(samples.longitude, samples.latitude, regions)
        region_set = self.map.borders.region_set
        touched = region_set[regions]
        inside = region_set[self.map.part_region[samples.part]]
        possible = touched | np.concatenate([sets, np.zeros((1, 4), np.uint64)])[numbers]
        n = samples.n_shapes
        exact, near = np.zeros((n, 4), np.uint64), np.zeros((n, 4), np.uint64)
        for found, of_positions in ((exact, touched), (near, possible)):
            np.bitwise_or.at(found, samples.shape, of_positions)
            np.bitwise_or.at(found, samples.part_shape, inside)
        country, n_near = sole_country(exact), count_countries(near)
        country[count_countries(exact) != 1] = -1
        says_more = (n_near > 1) | ((n_near == 1) & (country < 0))
        unique, number = np.unique(near, axis=0, return_inverse=True)
        sea = _sole(samples.shape[seas >= 0], seas[seas >= 0], n)
        return self._located(country, np.where(says_more, number.ravel(), -1).astype(np.int32), unique, sea)


@cache
def _load() -> Jurisdictions:
    return Jurisdictions(read_map())


def _with_room(sets: Words, n_more: int) -> tuple[NDArray[np.int32], Words]:
    """A hash table and sets with room for more."""
    roomy = np.zeros((len(sets) + n_more, 4), np.uint64)
    roomy[: len(sets)] = sets
    table = np.full(1 << int(2 * len(roomy)).bit_length(), -1, np.int32)
    kernels.fill(table, roomy, len(sets))
    return table, roomy


def _sole(groups: NDArray[np.int64], values: NDArray[np.int16], n: int) -> NDArray[np.int16]:
    """The value of each of `n` groups; -1 where there are none or several."""
    low, high = np.full(n, np.iinfo(np.int16).max, np.int16), np.full(n, -1, np.int16)
    np.minimum.at(low, groups, values)
    np.maximum.at(high, groups, values)
    return np.where(low == high, high, np.int16(-1))
