"""What the codes of findings mean, in whole sentences, and what to do about them: from the tables of the formats."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from wildways.model import Finding, Place
from wildways.readers.fields import load_table


class Message(NamedTuple):
    """What a code means, what to do about it (empty where that is nothing), and whether rows are refused for it."""

    text: str
    hint: str = ""
    is_refusal: bool = True

    def finding(self, code: str, n_rows: int, place: Place, example: str | None = None) -> Finding:
        """A finding with this message."""
        return Finding(code, self.text, n_rows, self.is_refusal, place, example, self.hint or None)


@cache
def load_messages(*tables: str) -> Mapping[str, Message]:
    """Code → message, from one or more tables of findings; of a code that several have, the last."""
    return MappingProxyType(
        {
            row["code"]: Message(row["message"], row["hint"], row["refused"] == "yes")
            for table in tables
            for row in load_table(table)
        }
    )
