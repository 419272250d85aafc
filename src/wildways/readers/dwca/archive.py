"""The files of a Darwin Core Archive, in a ZIP archive or beside its meta.xml: found by name, never by path."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from wildways.model import BadInput, Finding, Place
from wildways.readers.dwca.meta import DataFile, Meta, read_meta
from wildways.readers.opening import base_name, is_zip, list_members, open_file, open_member

META = "meta.xml"

_HEAD = 1 << 16
SUFFIXES = (".txt", ".csv", ".tsv", ".tab")


class Archive:
    """The files of an archive.

    Parameters
    ----------
    file : the ZIP archive, or the main file of an unpacked one
    name : how messages name it
    main : name of the file that says what the others hold

    Raises
    ------
    BadInput : it cannot be opened, or has no main file
    LimitReached : it is too large
    """

    def __init__(self, file: Path, name: str, main: str = META) -> None:
        self._file, self._name, self._main = file, name, main
        self._is_zip = is_zip(file)
        self._members = self._list()
        if main not in self._members:
            message = f"The archive has no {main}, so nobody knows what its files hold."
            raise BadInput("meta-missing", message, hint="Add one, or read the tables as CSV.", place=Place(name))

    def meta(self) -> tuple[Meta, list[Finding]]:
        """What meta.xml declares, with files found under another suffix and those that are missing as findings."""
        with self.opened(META) as stream:
            meta = read_meta(stream, self.name_of(META))
        core, findings = self._located(meta.core)
        extensions = []
        for declared in meta.extensions:
            try:
                table, remarks = self._located(declared)
            except BadInput as error:
                findings.append(Finding("extension-missing", error.message, 1, place=error.place, hint=error.hint))
                continue
            extensions.append(table)
            findings += remarks
        return Meta(core, tuple(extensions)), findings

    def __contains__(self, location: str) -> bool:
        return location in self._members

    def head(self, location: str) -> bytes:
        """The first 64 kB of a file."""
        with self.opened(location) as stream:
            return stream.read(_HEAD)

    @contextmanager
    def opened(self, location: str) -> Iterator[BinaryIO]:
        """Open a file to read bytes."""
        if self._is_zip:
            with open_member(self._file, self._name, self._members[location]) as member:
                yield cast("BinaryIO", member)
            return
        with open_file(self._file.parent / self._members[location], self.name_of(location)) as stream:
            yield stream

    def name_of(self, location: str) -> str:
        """How messages name a file of the archive."""
        if self._is_zip:
            return f"{self._name}/{location}"
        return str(PurePosixPath(self._name).parent / location) if "/" in self._name else location

    def _list(self) -> dict[str, str]:
        """Name of each file → its member, or its name in the folder."""
        if self._is_zip:
            members = list_members(self._file, self._name)
            return {base_name(member): member for member in reversed(members)}
        with open_file(self._file, self._name):
            listed = {file.name: file.name for file in self._file.parent.iterdir() if file.is_file()}
        return {**listed, self._main: self._file.name}

    def _located(self, table: DataFile) -> tuple[DataFile, list[Finding]]:
        """The table with the file it is in, which may have another suffix than declared."""
        declared = base_name(table.location)
        if declared in self._members:
            return replace(table, location=declared), []
        stem = PurePosixPath(declared).stem.lower()
        similar = [
            name
            for name in self._members
            if PurePosixPath(name).stem.lower() == stem and PurePosixPath(name).suffix.lower() in SUFFIXES
        ]
        place = Place(self.name_of(META), None, "location")
        if len(similar) != 1:
            message = f"The file “{declared[:80]}” that meta.xml names is not in the archive."
            raise BadInput("archive-file", message, hint="Add it, or correct meta.xml.", place=place)
        message = f"meta.xml names “{declared}”, which is not there; “{similar[0]}” was taken for it."
        finding = Finding("meta-file", message, 1, place=place, example=declared, hint="Correct meta.xml.")
        return replace(table, location=similar[0]), [finding]
