"""Verbatim names to accepted ones, each distinct name once, and what is said of those that stand for no taxon."""

from collections import Counter
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from wildways.model import Finding, Place
from wildways.taxonomy import NameStatus, Resolution, resolve_name

MAX_NAMES = 20
"""Most names of a file that get a finding each; the rest share one."""

_CODES = MappingProxyType({NameStatus.MISSPELT: "taxon-misspelt", NameStatus.UNKNOWN: "taxon-unknown"})
_MESSAGES = MappingProxyType(
    {
        "taxon-misspelt": "No animal is called so, but similar names exist; these records are found by their verbatim "
        "name only.",
        "taxon-unknown": "This is no name of a species in the table of taxa; these records are found by their verbatim "
        "name only.",
    }
)
_MORE = "These are no names of species in the table of taxa; these records are found by their verbatim names only."


class AcceptedNames:
    """The accepted names of one file's records."""

    def __init__(self) -> None:
        self._unresolved: dict[str, Resolution] = {}
        self._n_records: Counter[str] = Counter()
        self._n_animals: Counter[str] = Counter()

    def accept(self, table: str, taxon: pa.Array) -> pa.DictionaryArray:
        """The accepted name of each verbatim one; empty where it is not certain."""
        encoded = taxon if pa.types.is_dictionary(taxon.type) else taxon.dictionary_encode()
        resolved = [resolve_name(name) for name in encoded.dictionary.to_pylist()]
        accepted = sorted({one.scientific_name for one in resolved if one.scientific_name is not None})
        at = {name: index for index, name in enumerate(accepted)}
        remapped = pa.array([at.get(one.scientific_name or "") for one in resolved], pa.int32())
        self._count(table, [one.scientific_name is None for one in resolved], resolved, encoded.indices)
        indices = remapped.take(encoded.indices)
        return pa.DictionaryArray.from_arrays(indices, pa.array(accepted, pa.string()))

    def findings(self) -> tuple[Finding, ...]:
        """One finding a name, the most frequent first; names beyond `MAX_NAMES` share one."""
        counts = {**self._n_animals, **self._n_records}
        names = sorted(self._unresolved, key=lambda name: (-counts[name], name))
        findings = [_finding(self._unresolved[name], counts[name]) for name in names[:MAX_NAMES]]
        rest = names[MAX_NAMES:]
        if rest:
            n_rows = sum(counts[name] for name in rest)
            hint = f"{len(rest):,} more names; correct them in the file, or give the source a taxon."
            findings.append(Finding("taxon-unknown", _MORE, n_rows, place=_PLACE, example=rest[0], hint=hint))
        return tuple(findings)

    def _count(self, table: str, is_unresolved: list[bool], resolved: list[Resolution], indices: pa.Array) -> None:
        if not any(is_unresolved):
            return
        counts = np.bincount(indices.drop_null().to_numpy(), minlength=len(resolved)).tolist()
        counter = self._n_animals if table == "organism" else self._n_records
        for one, n_rows, is_counted in zip(resolved, counts, is_unresolved, strict=True):
            if is_counted and n_rows and one.verbatim:
                self._unresolved.setdefault(one.verbatim, one)
                counter[one.verbatim] += n_rows


_PLACE = Place(field="taxon")


def _finding(name: Resolution, n_rows: int) -> Finding:
    code = _CODES[name.status]
    if name.suggestions:
        meant = ", ".join(dict.fromkeys(suggestion.scientific_name for suggestion in name.suggestions))
        hint = f"{name.note} Perhaps meant: {meant}."
    else:
        hint = f"{name.note} Correct it in the file, or give the source a taxon."
    return Finding(code, _MESSAGES[code], n_rows, place=_PLACE, example=name.verbatim, hint=hint)
