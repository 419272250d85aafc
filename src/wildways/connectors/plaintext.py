"""What a web page says, as plain text that is safe to print."""

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "hr", "title"})
_UNSEEN = frozenset({"script", "style"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        self.parts.append("\n" if tag in _BREAKS else "")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        self.parts.append("\n" if tag in _BREAKS else "")

    def handle_data(self, data: str) -> None:
        if self._unseen <= 0:
            self.parts.append(data)


def plain_text(html: str) -> str:
    """The text of a page, one paragraph a line, without characters that would steer a terminal."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = "".join(character for character in "".join(parser.parts) if character.isprintable() or character.isspace())
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def one_line(html: str, *, most: int = 300) -> str:
    """The text of a page on one line, cut to a length that fits a message."""
    text = " ".join(plain_text(html).split())
    return text if len(text) <= most else text[: most - 1] + "…"
