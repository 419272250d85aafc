"""Ingests small files, for tests."""

from pathlib import Path

from tests.readers.files import source
from wildways.model import Atlas, FileReport, open_atlas
from wildways.store import Workspace, ingest_source
from wildways.store.ingest import Readers


def ingest(
    workspace: Workspace,
    *files: str,
    module: str = "ungulates",
    is_all: bool = False,
    readers: Readers | None = None,
    **settings: object,
) -> list[FileReport]:
    """Ingest files of the atlas folder that the workspace lies in."""
    folder = workspace.folder.parent
    paths = [Path(file) for file in files]
    return ingest_source(workspace, module, source(**settings), paths, folder=folder, is_all=is_all, readers=readers)


def write_atlas(folder: Path, **patterns: str) -> Atlas:
    """An atlas of one module with a source for each pattern, or with none."""
    (folder / "modules").mkdir(exist_ok=True)
    (folder / "atlas.toml").write_text('[atlas]\nid = "a"\ntitle = "An atlas"\n')
    sources = [
        f'[[sources]]\nid = "{name}"\npath = "{pattern}"\nlicence = "CC0-1.0"\n' for name, pattern in patterns.items()
    ]
    module = 'id = "ungulates"\ntitle = "Ungulates"\n' + "".join(sources)
    (folder / "modules" / "ungulates.toml").write_text(module)
    return open_atlas(folder)
