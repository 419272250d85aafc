"""The page on reading safely names every code and every limit there is."""

import re
from dataclasses import fields
from pathlib import Path

from wildways.readers import isolation
from wildways.readers.isolation import Limits

PAGE = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "reading-files-safely.md"


def test_every_code_of_a_reading_process_is_explained() -> None:
    sources = [file.read_text(encoding="utf-8") for file in Path(isolation.__file__).parent.glob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"((?:reading|reader|record)-[a-z]+)"', text)}
    page = PAGE.read_text(encoding="utf-8")
    assert len(codes) == 9
    assert all(f"| `{code}` |" in page for code in codes)


def test_the_limits_are_those_of_the_page() -> None:
    usual = {limit.name: limit.default for limit in fields(Limits)}
    assert usual == {
        "memory_bytes": 3 << 30,
        "cpu_seconds": 60,
        "cpu_bytes_per_second": 200_000,
        "silent_seconds": 60,
        "silent_bytes_per_second": 1_000_000,
        "file_bytes": 64 << 30,
        "n_files": 256,
    }
