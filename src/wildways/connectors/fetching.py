"""Fetches what the sources of an atlas take from services, one source after the other."""

import os
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from wildways.connectors.clock import Clock, SystemClock
from wildways.connectors.movebank import FILES, fetch_study
from wildways.connectors.report import FetchReport
from wildways.model import Atlas, BadInput, ModuleDefinition, NotFound, Place, Progress, Source, silent


def find_fetched(atlas: Atlas, names: tuple[str, ...] = ()) -> list[tuple[ModuleDefinition, Source]]:
    """The sources that come from a service.

    Parameters
    ----------
    names : source ids, or ``MODULE.SOURCE``; empty means all

    Raises
    ------
    NotFound : there is no such source, or none that comes from a service
    BadInput : two sources would fetch into the same folder
    """
    fetched = [(module, source) for module in atlas.modules for source in module.sources if source.movebank]
    for name in names:
        if not any(name in _names(module, source) for module, source in fetched):
            known = ", ".join(f"{module.id}.{source.id}" for module, source in fetched) or "none"
            raise NotFound(
                "source-unknown", f"No source “{name}” is fetched from a service.", hint=f"These are: {known}."
            )
    chosen = [pair for pair in fetched if not names or _names(*pair) & {*names}]
    if not chosen:
        raise NotFound(
            "nothing-to-fetch",
            "No source of the atlas comes from a service.",
            hint="Add a table [sources.movebank] with study_id below a source.",
        )
    _refuse_shared_folders(atlas, fetched)
    return chosen


def fetch_source(
    atlas: Atlas,
    module: ModuleDefinition,
    source: Source,
    *,
    accept: bool = False,
    refresh: bool = False,
    clock: Clock | None = None,
    progress: Progress = silent,
    environment: Mapping[str, str] = os.environ,
) -> FetchReport:
    """Fetch one source; parameters and errors as in `fetch_study`.

    Raises
    ------
    BadInput : the source does not come from a service, or what it says does not fit what would come
    """
    if source.movebank is None:
        raise _misfit(module, source, "movebank", "This source does not come from a service.")
    folder = _folder(atlas, module, source)
    return fetch_study(
        source,
        source.movebank,
        folder,
        module_id=module.id,
        clock=clock or SystemClock(),
        progress=progress,
        accept=accept,
        refresh=refresh,
        environment=environment,
    )


def _names(module: ModuleDefinition, source: Source) -> set[str]:
    return {source.id, f"{module.id}.{source.id}"}


def _folder(atlas: Atlas, module: ModuleDefinition, source: Source) -> Path:
    """Where the files of a source go: the folder that its path names, inside the atlas and nowhere else."""
    pattern = PurePosixPath(source.path)
    suits = all(fnmatch(name, pattern.name) for name in FILES) and not set("*?[") & set(str(pattern.parent))
    if not suits:
        example = f'path = "data/movebank/{source.movebank.study_id if source.movebank else "ID"}/*.csv"'
        raise _misfit(module, source, "path", f"“{source.path}” does not match {' and '.join(FILES)}.", example)
    folder, root = (atlas.folder / pattern.parent).resolve(), atlas.folder.resolve()
    private = (root, atlas.workspace.resolve(), atlas.releases_folder.resolve(), root / "modules")
    if root not in folder.parents or any(folder == kept or kept in folder.parents for kept in private[1:]):
        raise _misfit(module, source, "path", f"“{source.path}” is not in a data folder of the atlas.")
    for key in ("columns", "crs", "time_zone"):
        if getattr(source, key):
            raise _misfit(module, source, key, "Movebank sends its own columns, degrees and UTC.", f"Remove {key}.")
    if source.reader != "movebank-csv":
        raise _misfit(module, source, "reader", f"“{source.reader}” does not read Movebank.", 'Use "movebank-csv".')
    return folder


def _refuse_shared_folders(atlas: Atlas, fetched: list[tuple[ModuleDefinition, Source]]) -> None:
    folders: dict[Path, Source] = {}
    for module, source in fetched:
        folder = _folder(atlas, module, source)
        if folder in folders:
            message = f"The sources “{folders[folder].id}” and “{source.id}” fetch into the same folder."
            raise _misfit(module, source, "path", message, "Give each a folder of its own.")
        folders[folder] = source


def _misfit(module: ModuleDefinition, source: Source, key: str, message: str, hint: str = "") -> BadInput:
    place = Place(f"modules/{module.id}.toml", None, f"sources.{source.id}.{key}")
    return BadInput("fetch-source", message, hint=hint, place=place)
