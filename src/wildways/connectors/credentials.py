"""Who asks: credentials from the environment or a netrc file. They are never stored, shown or sent to another host."""

import base64
import netrc
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from wildways.model import BadInput, NotAllowed, Place


@dataclass(frozen=True)
class Credentials:
    """A token, or a user's name and password; none of them means to ask as the public."""

    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def header(self) -> str | None:
        """The ``Authorization`` header of HTTP basic authentication."""
        if self.token or not self.username:
            return None
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")

    def redact(self, text: str) -> str:
        """The text without the secrets, for a server may echo what it was sent."""
        secrets = {self.token, self.password, (self.header or "").removeprefix("Basic ")} - {""}
        spelled = {spelling for secret in secrets for spelling in (secret, quote(secret, safe=""), quote_plus(secret))}
        for spelling in sorted(spelled, key=len, reverse=True):
            text = text.replace(spelling, "…")
        return text


def find_credentials(prefix: str, host: str, environment: Mapping[str, str]) -> Credentials:
    """Look for credentials: ``PREFIX_TOKEN``, then ``PREFIX_USERNAME`` and ``PREFIX_PASSWORD``, then netrc.

    Parameters
    ----------
    prefix : beginning of the variables, for example ``MOVEBANK``
    host : machine to look for in the file that ``NETRC`` names, by default ``~/.netrc``
    environment : usually ``os.environ``

    Raises
    ------
    NotAllowed : a name without a password or the reverse
    BadInput : the netrc file cannot be read
    """
    if token := environment.get(f"{prefix}_TOKEN", "").strip():
        return Credentials(token=token)
    username, password = environment.get(f"{prefix}_USERNAME", ""), environment.get(f"{prefix}_PASSWORD", "")
    if bool(username) != bool(password):
        missing = "PASSWORD" if username else "USERNAME"
        raise NotAllowed("credentials-half", f"{prefix}_{missing} is not set.", hint="Set both, or neither.")
    if username:
        return Credentials(username, password)
    return _from_netrc(Path(environment.get("NETRC") or Path.home() / ".netrc"), host)


def _from_netrc(file: Path, host: str) -> Credentials:
    if not file.is_file():
        return Credentials()
    try:
        entry = netrc.netrc(str(file)).hosts.get(host)
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        reason = error.msg if isinstance(error, netrc.NetrcParseError) else type(error).__name__
        raise BadInput("netrc", f"The file cannot be used: {reason}.", place=Place(file)) from None
    return Credentials(entry[0], entry[2] or "") if entry else Credentials()
