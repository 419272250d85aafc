"""What readings have in common: they close what they opened, and know what rows get that do not say it themselves."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import pyarrow as pa

from wildways.model import Source
from wildways.readers.contract import Account, ReadingOptions, no_fixes


class BaseReading(ABC):
    """A file being read; see `Reading`. Formats open it in `_open`, and give fixes or tables or both.

    Parameters
    ----------
    names_study : whether the file names the study, whatever the source says
    """

    def __init__(self, source: Source, options: ReadingOptions, *, names_study: bool = False) -> None:
        self._source, self._options = source, options
        self._stack = ExitStack()
        self._tables: Mapping[str, pa.Table] = {}
        self.names_study = names_study or source.study is not None
        self.account = Account(0, 0)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._open(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def fixes(self) -> pa.RecordBatchReader:
        """No fixes, unless a format has them."""
        return no_fixes()

    def tables(self) -> Mapping[str, pa.Table]:
        """The tables that were made on entering."""
        return self._tables

    @abstractmethod
    def _open(self, stack: ExitStack) -> None:
        """Open the file; whatever is put on the stack is closed with the reading, or at once if this fails."""


def study_of(source: Source, options: ReadingOptions) -> str:
    """The study of rows that name none."""
    return source.study or options.study or source.id


def is_study_a_guess(source: Source, options: ReadingOptions) -> bool:
    """Whether nothing but the source's id stands for the study of rows that name none."""
    return source.study is None and options.study is None


def parameters_of(source: Source, options: ReadingOptions) -> dict[str, object]:
    """What judging queries must know beside the rows: study and taxon of those that name none, and what is future."""
    return {
        "study": study_of(source, options),
        "is_study_a_guess": is_study_a_guess(source, options),
        "taxon": source.taxon,
        "latest": options.latest,
    }
