"""A hardened DuckDB in memory: it fetches no extension, keeps to a memory limit and spills into one folder."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from wildways.model import BadInput
from wildways.readers.contract import ReadingOptions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_engine(*, memory_limit: str, threads: int | None, spill_folder: Path) -> "DuckDBPyConnection":
    """Open a private in-memory DuckDB.

    Parameters
    ----------
    memory_limit : for example ``"1GB"``; beyond it the engine spills to `spill_folder`
    threads : empty means one a core
    spill_folder : made when first needed

    Raises
    ------
    BadInput : the memory limit cannot be understood
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "memory_limit": memory_limit,
        "temp_directory": str(spill_folder),
    }
    if threads is not None:
        config["threads"] = threads
    try:
        connection = duckdb.connect(":memory:", config=config)
    except duckdb.Error as error:
        raise BadInput(
            "engine-settings",
            f"The memory limit “{memory_limit}” or the number of threads “{threads}” cannot be used.",
            hint="Write it like 2GB; threads is 1 or more.",
        ) from error
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def enter_engine(options: ReadingOptions, stack: ExitStack) -> "DuckDBPyConnection":
    """Open an engine as the options say, closed with the stack; errors as in `open_engine`."""
    engine = open_engine(
        memory_limit=options.memory_limit, threads=options.threads, spill_folder=make_scratch(options, stack)
    )
    stack.callback(engine.close)
    return engine


def make_scratch(options: ReadingOptions, stack: ExitStack) -> Path:
    """Make a folder for intermediate files, removed with the stack."""
    return Path(stack.enter_context(TemporaryDirectory(prefix="reading-", dir=options.scratch_folder)))


def quote(text: str) -> str:
    """Quote a text as an SQL literal, for the few statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """Quote a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
