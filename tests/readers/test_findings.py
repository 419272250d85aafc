"""What the codes of findings mean: whole sentences for each, in the tables of the formats."""

from importlib.resources import files
from pathlib import Path

import pytest

from wildways.model import Place
from wildways.readers.fields import load_table
from wildways.readers.findings import load_messages

READERS = Path(str(files("wildways.readers")))
FINDINGS = sorted(file.relative_to(READERS).as_posix() for file in READERS.glob("*/findings.csv"))


@pytest.mark.parametrize("table", FINDINGS)
def test_every_code_is_there_once_with_a_whole_sentence(table: str) -> None:
    rows = load_table(table)
    assert len({row["code"] for row in rows}) == len(rows)
    assert {row["refused"] for row in rows} <= {"yes", "no"}
    assert all(row["message"].endswith(".") and row["hint"][-1:] in ("", ".") for row in rows)


def test_a_finding_has_the_message_of_its_code_and_no_hint_where_nothing_is_to_be_done() -> None:
    finding = load_messages("movebank/findings.csv")["longitude-wrapped"].finding("longitude-wrapped", 2, Place("a"))
    assert (finding.code, finding.n_rows, finding.refused, finding.hint) == ("longitude-wrapped", 2, False, None)


def test_of_a_code_in_two_tables_the_later_one_counts() -> None:
    both = load_messages("movebank/findings.csv", "tables/findings.csv")["date-unreadable"]
    assert both == load_messages("tables/findings.csv")["date-unreadable"]
