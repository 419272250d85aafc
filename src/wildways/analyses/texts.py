"""Texts of products by language, from message files; placeholders are filled with the stored method's numbers."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from wildways.model import Text


@cache
def _messages(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files("wildways.analyses") / "messages" / f"{name}.toml").read_text(encoding="utf-8"))


def text(name: str, message: str, **values: Any) -> Text:
    """One message in every language the file has it in.

    Parameters
    ----------
    name : message file, for example ``corridors``
    message : key in it
    values : what the placeholders stand for
    """
    return {language: wording.format(**values) for language, wording in _messages(name)[message].items()}


def joined(*parts: Text) -> Text:
    """Several texts one after the other, in the languages that all of them have."""
    languages = [language for language in parts[0] if all(language in part for part in parts)]
    return {language: " ".join(part[language] for part in parts) for language in languages}
