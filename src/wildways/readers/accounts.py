"""Accounts for the rows that a parser fed to a judging query: how many were kept, and why others were not."""

from collections.abc import Mapping

import numpy as np

from wildways.model import BadInput, Place
from wildways.readers.contract import Account
from wildways.readers.csvfile import CsvHead
from wildways.readers.fields import FieldMap
from wildways.readers.findings import Message
from wildways.readers.parsing import Parser
from wildways.readers.tally import Tally


def make_account(
    head: CsvHead,
    tally: Tally,
    parser: Parser,
    fields: FieldMap,
    messages: Mapping[str, Message],
    *,
    field_of: Mapping[str, str],
    other_field: str,
) -> Account:
    """Account for every row of a file that was read to its end.

    Parameters
    ----------
    messages : code → what it means
    field_of : code → field of the file it is about; `other_field` where a code is not in it

    Raises
    ------
    BadInput : the file has no rows
    """
    n_rows = tally.n_parsed + len(parser.rejected_rows)
    if n_rows == 0:
        raise BadInput("no-rows", "The file has a header and no rows.", hint="Export it again.", place=head.place)
    codes = sorted(tally.counts)
    rows = parser.rows_of(np.array([tally.counts[code].index for code in codes], dtype=np.int64)).tolist()
    lines = parser.lines_of(rows)
    findings = []
    for code, row in zip(codes, rows, strict=True):
        place = Place(head.name, lines[row], fields.column(field_of.get(code, other_field)))
        count = tally.counts[code]
        findings.append(messages[code].finding(code, count.n_rows, place, count.example))
    return Account(n_rows, tally.n_parsed - tally.n_refused, (*parser.rejects(), *findings))
