"""Terms of use that a service lays before a user: shown, accepted once, kept, asked again when changed."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from wildways.connectors.clock import Clock
from wildways.connectors.files import read_json, write_json
from wildways.connectors.plaintext import plain_text
from wildways.model import NotAllowed

_STAMP = re.compile(r"valid at \d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?")
"""Movebank prints the instant at which the terms were shown into them; it is not part of what is agreed to."""


@dataclass(frozen=True)
class Terms:
    """Terms as they were sent."""

    content: bytes

    @property
    def md5(self) -> str:
        """What accepts them: the MD5 of the bytes, hexadecimal."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    @property
    def html(self) -> str:
        """The bytes as text."""
        return self.content.decode("utf-8", errors="replace")

    @property
    def text(self) -> str:
        """What they say."""
        return plain_text(self.html)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what they say, whenever they are shown."""
        return hashlib.sha256(_STAMP.sub("valid at", self.text).encode()).hexdigest()


class LicenceNotAccepted(NotAllowed):
    """The terms have to be read and accepted first; `terms` are what they say."""

    def __init__(self, terms: Terms, title: str, *, changed: bool) -> None:
        what = (
            "The terms of use have changed since they were accepted" if changed else "The terms of use are not accepted"
        )
        super().__init__(
            "licence-changed" if changed else "licence-not-accepted",
            f"{what}: {title}.",
            hint="Read them; if you agree, run the command again with --accept-licence.",
        )
        self.terms = terms
        self.title = title


class Agreement:
    """What a user agreed to for one study, kept in a file: every acceptance with text, MD5, time and account.

    Parameters
    ----------
    title : what it is about, for messages
    account : who agrees; empty where that is unknown (a token, the public)
    accept : whether the user accepts whatever terms are laid before them now
    """

    def __init__(self, file: Path, title: str, account: str, clock: Clock, *, accept: bool) -> None:
        self._file, self._title, self._account, self._clock = file, title, account, clock
        self._accept = accept
        self.accepted: Terms | None = None

    def agree(self, terms: Terms) -> None:
        """Return if these terms were accepted by this account, now or earlier.

        Raises
        ------
        LicenceNotAccepted : they were not
        Corrupt : the file of acceptances is damaged
        """
        earlier = [given for given in self._earlier() if given.get("account") == self._account]
        if any(given.get("fingerprint") == terms.fingerprint for given in earlier[-1:]):
            return
        if not self._accept:
            raise LicenceNotAccepted(terms, self._title, changed=bool(earlier))
        self._keep(terms)
        self.accepted = terms

    def _earlier(self) -> list[dict[str, str]]:
        return list(read_json(self._file).get("acceptances", []))

    def _keep(self, terms: Terms) -> None:
        acceptance = {
            "accepted_utc": self._clock.now().isoformat(timespec="seconds"),
            "account": self._account,
            "md5": terms.md5,
            "fingerprint": terms.fingerprint,
            "text": terms.text,
            "html": terms.html,
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._file, {"about": self._title, "acceptances": [*self._earlier(), acceptance]})
