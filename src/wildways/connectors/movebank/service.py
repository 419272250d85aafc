"""Movebank's direct-read service: entities as CSV, its licence handshake, and what it says in place of data.

It answers HTTP 200 to nearly everything. Terms of use come as a page with the header ``accept-license: true`` and are
accepted by asking again, in the same session, with the MD5 of that page; refusals come as pages of one sentence.

References
----------
Movebank REST API, https://github.com/movebank/movebank-api-doc
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wildways.connectors.credentials import Credentials
from wildways.connectors.licence import Agreement, Terms
from wildways.connectors.plaintext import one_line
from wildways.connectors.tables import check_table
from wildways.connectors.web import Answer, Busy, Refused, Web
from wildways.model import BadInput, NotAllowed, WildwaysError

SERVER = "https://www.movebank.org"
RESOURCE = "/movebank/service/direct-read"

_HEAD_BYTES = 1 << 16
_MESSAGE_CHARACTERS = 2_000
_HANDSHAKES = 6
"""Requests for one answer: terms change while they are being accepted, for they hold the time of day."""
_TERMS = ("The requested download may contain copyrighted material", "By accepting this document")
_TERMS_MARK = "License Terms:"
_NO_DATA = "no data are available for download"
_NO_PERMISSION = "no data available"


@dataclass(frozen=True)
class Saved:
    """A table that was saved: its number of rows and what came with it. A refusal for want of data has no rows."""

    n_rows: int
    answer: Answer
    has_table: bool


class _TermsOffered(Exception):
    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self.terms = terms


class Movebank:
    """Asks for entities, one request at a time."""

    def __init__(self, web: Web, credentials: Credentials, agreement: Agreement) -> None:
        self._web, self._credentials, self._agreement = web, credentials, agreement

    def save(self, entity: str, file: Path, *, needed: Sequence[str] = (), **parameters: str) -> Saved:
        """Save the rows of an entity type as a whole CSV file, accepting terms on the way.

        Parameters
        ----------
        entity : ``study``, ``sensor``, ``study_attribute``, ``individual``, ``tag``, ``deployment`` or ``event``
        needed : columns the table must have
        parameters : as in the service's documentation

        Raises
        ------
        LicenceNotAccepted : the user has to accept terms first
        NotAllowed : the credentials are wrong, or they give no access
        BadInput : the service does not understand the request
        LimitReached, Corrupt : see `Web.save`
        """
        asked = {"entity_type": entity, **parameters}
        for _ in range(_HANDSHAKES):
            try:
                return self._save(asked, file, needed)
            except _TermsOffered as offer:
                self._agreement.agree(offer.terms)
                asked["license-md5"] = offer.terms.md5
            except Refused as error:
                if error.status != 403 or "license-md5" not in asked or "md5" not in str(error).lower():
                    raise self._explained(error) from None
                del asked["license-md5"]
        raise NotAllowed(
            "licence-handshake",
            "Movebank does not take the acceptance of its terms of use.",
            hint="Accept them once on movebank.org, by starting a download of the study, and try again.",
        )

    def _save(self, asked: Mapping[str, str], file: Path, needed: Sequence[str]) -> Saved:
        n_rows, has_table = 0, True

        def check(answer: Answer, saved: Path) -> None:
            nonlocal n_rows, has_table
            has_table = self._is_table(answer, saved)
            n_rows = check_table(saved, needed) if has_table else 0

        answer = self._web.save(asked, file, check)
        return Saved(n_rows, answer, has_table)

    def _is_table(self, answer: Answer, file: Path) -> bool:
        """Whether a body is a table; otherwise it says that there are no data, or this raises what it says."""
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
        page = head.decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
        is_page, message = page.startswith("<"), one_line(page[:_MESSAGE_CHARACTERS])
        if answer.headers.get("accept-license") == "true" or message.startswith(_TERMS) or _holds_terms(page):
            raise _TermsOffered(Terms(file.read_bytes()))
        if message.lower().startswith(_NO_DATA):
            return False
        said = self._credentials.redact(message)
        if message.lower().startswith(_NO_PERMISSION):
            raise _no_permission(f"It says: {said}")
        if is_page:
            raise Busy(f"a page came instead of data: {said}")
        return True

    def _explained(self, error: Refused) -> WildwaysError:
        said = f" It says: {error}" if str(error) else ""
        if error.status == 401:
            return NotAllowed(
                "credentials-refused",
                f"Movebank does not accept the credentials.{said}",
                hint="Set MOVEBANK_USERNAME and MOVEBANK_PASSWORD, or MOVEBANK_TOKEN, to those of your account.",
            )
        if error.status == 403:
            return _no_permission(said.strip())
        return BadInput("request-refused", f"Movebank refused the request with HTTP {error.status}.{said}")


def _holds_terms(page: str) -> bool:
    return page.startswith("<") and _TERMS_MARK in page


def _no_permission(said: str) -> NotAllowed:
    return NotAllowed(
        "study-not-permitted",
        f"This account may not download the study. {said}".strip(),
        hint="Ask the owner of the study on movebank.org for permission to download.",
    )
