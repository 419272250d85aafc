"""Texts by language: the release's own messages, and the choice of a language."""

import tomllib
from functools import cache
from importlib.resources import files

from wildways.model import Text


@cache
def _messages() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("wildways.release") / "texts.toml").read_text(encoding="utf-8"))


def message(name: str) -> Text:
    """One of the release's own messages, in every language it exists in."""
    return dict(_messages()[name])


def in_language(text: Text, language: str) -> str:
    """`text` in `language`, else in its base language, else in English, else in the first language it has."""
    for candidate in (language, language.partition("-")[0], "en"):
        if candidate in text:
            return text[candidate]
    return next(iter(text.values()))
