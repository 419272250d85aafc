"""The review page: one HTML file with its style, script and data inside; it asks nothing of any network."""

import base64
import hashlib
import html
import json
from importlib.resources import files

from wildways.analyses.review.years import FILE_COLUMNS, Review
from wildways.model import MovementClass

_SCRIPTS = ("state.js", "drawing.js", "page.js")
_SPAN_DAYS = 366


def review_page(review: Review, *, reviewer: str = "") -> str:
    """The page as text.

    A content security policy lets only this script run and nothing be loaded or sent. The page holds exact
    positions of animals: it is for those who may see them.

    Parameters
    ----------
    review : of :func:`~wildways.analyses.review.collect_review`
    reviewer : name with which the page begins
    """
    script = '"use strict"\n' + "".join(_part(name) for name in _SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = {
        "file": review.file,
        "reviewer": reviewer,
        "span": _SPAN_DAYS,
        "classes": [str(each) for each in MovementClass],
        "columns": FILE_COLUMNS,
        "words": json.loads(_part("words.json")),
        "years": review.years,
        "kept": review.kept,
    }
    parts = {
        "script_hash": f"sha256-{digest}",
        "style": _part("style.css"),
        "title": html.escape(f"Migration dates: {review.title.get('en') or next(iter(review.title.values()))}"),
        # “<” never stands in the data, so that no name can end the element.
        "data": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        "script": script,
    }
    page = _part("page.html")
    for name in ("script_hash", "style", "title"):
        page = page.replace(f"{{{name}}}", parts[name])
    head, rest = page.split("{data}")
    between, tail = rest.split("{script}")
    return head + parts["data"] + between + parts["script"] + tail


def _part(name: str) -> str:
    return files("wildways.analyses.review").joinpath(f"page/{name}").read_text(encoding="utf-8")
