"""The page at `/`: the web application's own, with the release's text in it; or the text alone."""

import re
from html import escape
from pathlib import Path

from wildways.model import Catalogue
from wildways.release import in_language
from wildways.server.text import render_text, render_title
from wildways.server.words import say

PLACEHOLDER = "<!--atlas-text-->"
INDEX_FILE = "index.html"

_PLAIN = f"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Atlas on Animal Migration</title>
  </head>
  <body>
    <main id="text">{PLACEHOLDER}</main>
  </body>
</html>
"""


def render_page(catalogue: Catalogue, language: str, application: Path) -> str:
    """The whole page in one language.

    Parameters
    ----------
    application : folder of the built web application; where it has no ``index.html`` the page is plain text that says
        how to build it
    """
    index = application / INDEX_FILE
    is_built = index.is_file()
    page = index.read_text(encoding="utf-8") if is_built else _PLAIN
    text = render_text(catalogue, language)
    if not is_built:
        text = f'<p class="notice">{escape(say("not_built", language))}</p>\n{text}'
    head = f"<title>{render_title(catalogue, language)}</title>{_description(catalogue, language)}"
    page = re.sub(r'(<html[^>]*\blang=")[^"]*', lambda match: match[1] + language, page, count=1)
    page = re.sub(r"<title>.*?</title>", lambda _: head, page, count=1, flags=re.DOTALL)
    return page.replace(PLACEHOLDER, text, 1)


def _description(catalogue: Catalogue, language: str) -> str:
    if catalogue.atlas.summary is None:
        return ""
    return f'\n    <meta name="description" content="{escape(in_language(catalogue.atlas.summary, language))}">'
