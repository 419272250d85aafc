"""The Range header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.server.ranges import ByteRange, RangeNotSatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", ByteRange(0, 10)),
        ("bytes=90-", ByteRange(90, 100)),
        ("bytes=90-1000", ByteRange(90, 100)),
        ("bytes=-10", ByteRange(90, 100)),
        ("bytes=-1000", ByteRange(0, 100)),
        ("bytes=99-99", ByteRange(99, 100)),
    ],
)
def test_a_range_is_cut_to_the_file(header: str, expected: ByteRange) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize(
    "header", [None, "", "items=0-9", "bytes=9-0", "bytes=a-b", "bytes=-", "bytes=", "bytes=1-2-3"]
)
def test_what_is_not_a_range_of_bytes_means_the_whole_file(header: str | None) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=-0", "bytes=0-1,5-6", "bytes=0-0," * 1000, "bytes=" + "9" * 99]
)
def test_what_cannot_or_will_not_be_sent_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 100)


def test_an_empty_file_has_no_ranges() -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range("bytes=0-", 0)


@given(st.text(alphabet="bytes=0123456789-, \t", max_size=80), st.integers(0, 1000))
def test_any_header_gives_a_range_within_the_file_or_none(header: str, size: int) -> None:
    try:
        part = parse_range(header, size)
    except RangeNotSatisfiable:
        return
    assert part is None or 0 <= part.start < part.stop <= size
