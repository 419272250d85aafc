"""Serving a release from this machine until it is interrupted."""

import errno
import socket
import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from wildways.model import BadInput, Conflict, NotAllowed, WildwaysError
from wildways.release import Release, open_release, verify_release
from wildways.server.app import create_app

QUICK_BYTES = 2**30
"""Releases up to this size are hashed whole before they are served."""

HASHED_BYTES = 64 * 2**20
"""Of larger releases the files below this size are hashed, and the sizes of all are checked."""


def serve(release: Path, *, host: str = "127.0.0.1", port: int = 8000, open_browser: bool = False) -> None:
    """Check a release and serve it until interrupted.

    Parameters
    ----------
    port : 0 means any free one; the address is printed

    Raises
    ------
    NotFound, BadInput, Corrupt : the folder is not a release, or not as it was written
    Conflict : the port is taken
    NotAllowed : this user may not use the port
    BadInput : the host is not an address of this machine
    """
    import uvicorn

    check_release(open_release(release))
    with listen(host, port) as listener:
        app = create_app(release)
        address = f"http://{_as_host(host)}:{listener.getsockname()[1]}/"
        click.echo(f"Serving {release.name} at {address} (stop with Ctrl-C)")
        if open_browser:
            webbrowser.open(address)
        config = uvicorn.Config(app, log_level="warning", server_header=False, h11_max_incomplete_event_size=16_384)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def check_release(release: Release) -> None:
    """Prove that a release may be served: every byte of small ones, sizes and small files of large ones.

    Raises
    ------
    Corrupt : names the file that is not as it was written
    """
    release.verify_sizes()
    size = sum(
        (release.folder / name).stat().st_size for name in release.checksums if (release.folder / name).is_file()
    )
    verify_release(release.folder, hash_below_bytes=None if size <= QUICK_BYTES else HASHED_BYTES)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; connections wait in it until the application runs."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise _listen_error(error, host, port) from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise _listen_error(error, host, port) from error
    return listener


def _listen_error(error: OSError, host: str, port: int) -> WildwaysError:
    if error.errno == errno.EADDRINUSE:
        return Conflict("port-taken", f"Port {port} is taken.", hint="Choose another one with --port, or 0 for any.")
    if error.errno == errno.EACCES:
        return NotAllowed(
            "port-forbidden", f"Port {port} needs more rights.", hint="Choose one above 1023 with --port."
        )
    return BadInput("host-unknown", f"“{host}” is not an address of this machine: {error.strerror}.")


def _as_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
