"""What the codes of findings on sites, links, marks and drawn shapes mean, in whole sentences, and what to do."""

from collections.abc import Mapping
from functools import cache

from wildways.readers.fields import load_table


@cache
def load_messages() -> Mapping[str, tuple[bool, str, str]]:
    """Code → whether it refuses the row, message, hint."""
    return {
        row["code"]: (row["refused"] == "yes", row["message"], row["hint"]) for row in load_table("table_findings.csv")
    }
