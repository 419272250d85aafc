"""Who is who among marked animals: rows that share a tag are one animal, unless the table says otherwise."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from wildways.readers.tables.rows import Ledger


@dataclass(frozen=True, slots=True)
class Mark:
    """The tags that one row names, and the animal where it names one.

    Parameters
    ----------
    row : its number in the file
    scheme : who issued the tags; tags are unique within it
    tags : the first is the row's own
    """

    row: int
    study: str
    scheme: str | None
    tags: tuple[str, ...]
    animal: str | None

    @property
    def keys(self) -> list[Hashable]:
        """The tags as they compare: case and spaces do not matter, leading zeros do."""
        return [(self.study, self.scheme, "".join(tag.split()).casefold()) for tag in self.tags]


def identify(marks: Sequence[Mark], ledger: Ledger) -> list[str | None]:
    """Name the animal of each row.

    Rows are joined where they share a tag of the same study and scheme, and so on from row to row. A group in which one
    animal is named is that animal; one in which none is named is called after scheme and tag of its first row. Where
    several are named, nothing is joined (``tag-of-two-animals``).

    Returns
    -------
    One name a row; nothing where the row must speak for itself.
    """
    names: list[str | None] = [None] * len(marks)
    for group in _groups(marks):
        animals = {marks[index].animal for index in group} - {None}
        first = marks[group[0]]
        name = next(iter(animals)) if animals else " ".join(filter(None, (first.scheme, first.tags[0])))
        for index in group:
            if len(animals) > 1:
                ledger.add("tag-of-two-animals", marks[index].row, "tag-number", marks[index].tags[0])
                continue
            names[index] = name
            if animals and marks[index].animal is None:
                ledger.add("animal-by-tag", marks[index].row, "animal-id", marks[index].tags[0])
    return names


def _groups(marks: Sequence[Mark]) -> list[list[int]]:
    """Indices of the rows joined by tags, in the order of their first rows."""
    parents = list(range(len(marks)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    first_with: dict[Hashable, int] = {}
    for index, mark in enumerate(marks):
        for key in mark.keys:
            other = root(first_with.setdefault(key, index))
            here = root(index)
            parents[max(here, other)] = min(here, other)
    groups = defaultdict(list)
    for index in range(len(marks)):
        groups[root(index)].append(index)
    return list(groups.values())
