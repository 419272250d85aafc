"""The text of a module to start from, for a file that was looked at."""

import json
import os
import re
from pathlib import Path

from wildways.readers.inspection.description import FileDescription, name_module, stem_of
from wildways.readers.opening import check_name

MAX_POPULATIONS = 20
_ONE_LINE = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")


def starting_module(description: FileDescription, *, module_id: str | None = None, folder: Path | None = None) -> str:
    """Write the text of a ``module.toml`` for a file: valid as it is, with what is not known marked to be set.

    The licence is ``NOASSERTION`` and nothing may leave, until the owner says otherwise.

    Parameters
    ----------
    module_id : the module's id, which its file must be named after; by default made of the file's name
    folder : the atlas folder; the path is relative to it where the file lies inside, else absolute

    Raises
    ------
    BadInput : the file's name cannot be written as text
    """
    stem, identifier = stem_of(description.file), module_id or name_module(description.file)
    taxa = [taxon for taxon in description.taxa if _one_line(taxon)]
    lines = [
        f"# A module for {_comment(description.file.name)}. Keys: wildways schema module",
        "",
        f"id = {_quote(identifier)}",
        f"title = {{ en = {_quote(_one_line(stem) or identifier)} }}",
        f"taxa = [{', '.join(_quote(taxon) for taxon in taxa)}]",
        "",
        *_source_lines(description, name_module(description.file), folder),
        *(_population_lines(taxa) if "fix" in description.records else []),
    ]
    return "\n".join(lines) + "\n"


def _source_lines(description: FileDescription, identifier: str, folder: Path | None) -> list[str]:
    needs = description.needs
    lines = [
        "[[sources]]",
        f"id = {_quote(identifier)}",
        f"path = {_quote(_path(description.file, folder))}",
        f"reader = {_quote(description.reader)}",
        'licence = "NOASSERTION"   # set it: the licence of the data, an SPDX identifier',
        'access = "private"        # open: raw records may leave; products: only products; private: nothing',
        'owner = ""',
        'citation = ""',
    ]
    if "time_zone" in needs:
        lines.append(f'# time_zone = "UTC"   # needed: {_comment(needs["time_zone"])}')
    if "crs" in needs:
        lines.append(f'# crs = "EPSG:4326"   # needed: {_comment(needs["crs"])}')
    if "columns" in needs:
        lines.append(f"# columns = {{ }}   # needed: {_comment(needs['columns'])}")
    if not description.taxa and description.n_kept:
        lines.append('# taxon = "Genus species"   # the file names none')
    unread = [finding.example for finding in description.findings if finding.code == "columns-unread"]
    lines += [f"# columns = {{ }}   # columns that may tell more: {_comment(example)}" for example in unread if example]
    return [*lines, ""]


def _population_lines(taxa: list[str]) -> list[str]:
    lines = []
    names = {name_module(taxon): taxon for taxon in reversed(taxa[:MAX_POPULATIONS])}
    for identifier, taxon in reversed(names.items()):
        lines += ["[[populations]]", f"id = {_quote(identifier)}", f"title = {{ en = {_quote(taxon)} }}"]
        lines += [f"taxon = {_quote(taxon)}", ""]
    return [*lines, "# [[analyses]]", '# method = "corridors"   # wildways methods']


def _path(file: Path, folder: Path | None) -> str:
    path = Path(os.path.normpath(file.absolute()))
    root = None if folder is None else Path(os.path.normpath(folder.absolute()))
    text = (path.relative_to(root) if root is not None and path.is_relative_to(root) else path).as_posix()
    check_name(text)
    return text


def _quote(text: str) -> str:
    """A TOML string; control characters escaped."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return _ONE_LINE.sub(" ", text).strip()


def _comment(text: str) -> str:
    """Text that stays inside the comment it is put in."""
    return _one_line(text.encode("utf-8", "replace").decode())
