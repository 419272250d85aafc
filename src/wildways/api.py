"""Wildways in a script or notebook: an atlas folder, opened to be asked."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

import pyarrow as pa

from wildways.model import Atlas as Definition
from wildways.model import open_atlas
from wildways.store import Evidence, Filters, open_evidence

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


class Atlas:
    """An atlas folder, opened; ``definition`` is what its files say.

    Examples
    --------
    >>> from wildways import Atlas
    >>> atlas = Atlas.open("atlas")                                               # doctest: +SKIP
    >>> atlas.evidence(taxon="Antilope cervicapra", country="IN", period="2015..2018")  # doctest: +SKIP
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._evidence: Evidence | None = None

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Open an atlas folder.

        Raises
        ------
        NotFound : there is no atlas in it
        BadInput : one of its files is wrong
        """
        return cls(open_atlas(folder))

    def evidence(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> "GeoDataFrame":
        """Evidence of all kinds that the filters let through, one common row a record, in EPSG:4326.

        Filters, columns and errors are those of `wildways.store.Evidence`.
        """
        return self._opened().frame(limit=limit, **filters)

    def evidence_table(self, *, limit: int | None = None, **filters: Unpack[Filters]) -> pa.Table:
        """The same as an Arrow table, geometry as WKB: faster, and with the texts of files as dictionaries."""
        return self._opened().records(limit=limit, **filters)

    def count_evidence(
        self, *, by: Sequence[str] = ("kind", "accepted_taxon", "country"), **filters: Unpack[Filters]
    ) -> pa.Table:
        """Numbers of records and animals instead of the records; see `wildways.store.Evidence.counts`."""
        return self._opened().counts(by=by, **filters)

    def close(self) -> None:
        """Let go of the files."""
        if self._evidence is not None:
            self._evidence.close()
            self._evidence = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> Evidence:
        if self._evidence is None:
            self._evidence = open_evidence(self.definition)
        return self._evidence
