"""Words of the page's text by language."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from wildways.release import in_language


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("wildways.server") / "words.toml").read_text(encoding="utf-8"))


def say(word: str, language: str, **values: Any) -> str:
    """One message in `language`, its placeholders filled."""
    return in_language(_words()[word], language).format(**values)


def count(word: str, n: int, language: str) -> str:
    """A number with its noun; French counts zero as one."""
    is_one = n == 1 or (n == 0 and language.startswith("fr"))
    return say(f"{word}_{'one' if is_one else 'other'}", language, n=n)
