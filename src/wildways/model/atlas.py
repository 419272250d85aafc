"""The atlas folder: ``atlas.toml`` and ``modules/*.toml``, what each key means, and where the parts lie.

Modules are data, not code. Every key is declared here once; the JSON Schema and the reference page follow from it.
"""

import json
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wildways.model.errors import BadInput, NotFound, Place
from wildways.model.terms import Access

ATLAS_FILE = "atlas.toml"
WORKSPACE_FOLDER = ".wildways"


def _as_translations(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


def _not_empty(value: dict[str, str]) -> dict[str, str]:
    if not value:
        raise ValueError('give the text in at least one language, for example {en = "…"}')
    return value


Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=64)]
"""Lower-case letters, digits, hyphens; used in file names and addresses."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(?:-[A-Za-z]{2,8})?$")]
"""A BCP 47 language tag."""

Text = Annotated[
    dict[Language, Annotated[str, Field(min_length=1)]],
    BeforeValidator(_as_translations),
    AfterValidator(_not_empty),
]
"""Text by language; a bare string is English."""


class Definition(BaseModel):
    """A part of the atlas definition: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class AtlasHeader(Definition):
    """The ``[atlas]`` table of ``atlas.toml``."""

    id: Identifier = Field(description="Short name, used in addresses and file names.")
    title: Text = Field(description="Title by language.")
    summary: Text | None = Field(None, description="One paragraph on what the atlas shows, by language.")
    publisher: str = Field("", description="Who publishes the atlas.")
    contact: str = Field("", description="Where to write to: an e-mail address or a web page.")
    licence: str = Field("CC-BY-4.0", description="Licence of the published products, as an SPDX identifier.")
    languages: tuple[Language, ...] = Field(("en",), description="Languages offered, the first being the default.")
    simulated: bool = Field(
        False, description="True where the evidence is simulated; every page and file then says so."
    )


class MovebankStudy(Definition):
    """A ``[sources.movebank]`` table: the study that `wildways fetch` takes from Movebank into the source's path."""

    study_id: int = Field(gt=0, description="Movebank's number of the study, as on its page.")
    sensors: tuple[str, ...] = Field(
        (), description="Sensor types by Movebank's names, for example `gps`; empty means all that can locate."
    )
    attributes: Literal["all"] | tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")], ...] = Field(
        "all",
        description="Attributes of events to fetch beside those that are always needed; `all` means all there are.",
    )
    individuals: tuple[str, ...] = Field((), description="Animals by the owner's names; empty means all.")


class Source(Definition):
    """A ``[[sources]]`` table: files of one kind, how to read them, whose they are and what may leave."""

    id: Identifier = Field(description="Name of the source within the module.")
    path: str = Field(description="File or glob pattern, relative to the atlas folder.", min_length=1)
    reader: str = Field("movebank-csv", description="Reader of the files; see `wildways formats`.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Field of the reader → column of the file, where the file does not use the reader's own names.",
    )
    crs: str | None = Field(
        None, description="CRS of the coordinates, for example EPSG:32612, where they are not WGS 84 degrees."
    )
    time_zone: str | None = Field(
        None,
        description="IANA time zone of the time stamps, for example US/Mountain, where they are not UTC.",
    )
    study: str | None = Field(None, description="Study name, where the file has none.")
    taxon: str | None = Field(None, description="Scientific name, where the file has none.")
    licence: str = Field(description="Licence of the data, as an SPDX identifier.", min_length=1)
    access: Access = Field(
        Access.PRODUCTS,
        description="What may leave the workspace: `open` raw records and products, `products` only products, "
        "`private` nothing.",
    )
    embargo_until: date | None = Field(None, description="Nothing leaves before this day (UTC).")
    owner: str = Field("", description="Who owns the data.")
    citation: str = Field("", description="How to cite the data.")
    movebank: MovebankStudy | None = Field(
        None, description="The Movebank study that `wildways fetch` keeps in the folder of the path."
    )


class Population(Definition):
    """A ``[[populations]]`` table: the unit that corridors are made for."""

    id: Identifier = Field(description="Name of the population within the module.")
    title: Text = Field(description="Title by language.")
    taxon: str = Field(description="Scientific name of its animals, as in the sources.")
    sources: tuple[Identifier, ...] = Field((), description="Sources that hold its animals; empty means all.")
    organisms: tuple[str, ...] = Field((), description="Ids of its animals; empty means all of the taxon.")
    windows: str | None = Field(
        None,
        description="CSV of migration windows decided by people, relative to the atlas folder. "
        "A row there wins over the automatic proposal.",
    )


class AnalysisRequest(Definition):
    """An ``[[analyses]]`` table: a method applied to populations, with parameters."""

    method: str = Field(description="Name of the method; see `wildways methods`.")
    populations: tuple[Identifier, ...] = Field((), description="Populations it runs for; empty means all.")
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="Parameters that differ from the method's defaults."
    )


class LayerStyle(Definition):
    """A ``[style.ROLE]`` table: how a product's layer looks on the map."""

    colours: dict[str, str] = Field(
        default_factory=dict, description="Class → colour as #rrggbb, where it differs from the method's own."
    )
    opacity: float | None = Field(None, ge=0, le=1, description="0 to 1.")
    visible: bool | None = Field(None, description="Whether the layer is shown when the atlas opens.")


class ModuleDefinition(Definition):
    """One file ``modules/ID.toml``: a thematic part of the atlas."""

    id: Identifier = Field(description="Name of the module; the file is named after it.")
    title: Text = Field(description="Title by language.")
    summary: Text | None = Field(None, description="One paragraph by language.")
    taxa: tuple[str, ...] = Field((), description="Scientific names of the taxa it is about.")
    contact: str = Field("", description="Where to write to about this module.")
    citation: str = Field("", description="How to cite the module.")
    sources: tuple[Source, ...] = Field((), description="Where its evidence comes from.")
    populations: tuple[Population, ...] = Field((), description="Its populations.")
    analyses: tuple[AnalysisRequest, ...] = Field((), description="What is computed.")
    style: dict[str, LayerStyle] = Field(
        default_factory=dict, description="Looks of the layers, by role: `corridors`, `stopovers`, `routes` …"
    )


_Model = TypeVar("_Model", bound=BaseModel)


class _AtlasFile(Definition):
    atlas: AtlasHeader


@dataclass(frozen=True)
class Atlas:
    """An atlas folder that was read and found sound."""

    folder: Path
    header: AtlasHeader
    modules: tuple[ModuleDefinition, ...]

    @property
    def workspace(self) -> Path:
        """The private folder: evidence, cache and products."""
        return self.folder / WORKSPACE_FOLDER

    @property
    def products_folder(self) -> Path:
        """Where analyses leave their products."""
        return self.workspace / "products"

    @property
    def releases_folder(self) -> Path:
        """Where releases are written."""
        return self.folder / "releases"

    def module(self, module_id: str) -> ModuleDefinition:
        """The module of that id.

        Raises
        ------
        NotFound : there is none
        """
        for module in self.modules:
            if module.id == module_id:
                return module
        known = ", ".join(module.id for module in self.modules) or "none"
        raise NotFound("module-unknown", f"The atlas has no module “{module_id}”.", hint=f"It has: {known}.")


def open_atlas(folder: Path | str) -> Atlas:
    """Read and check an atlas folder.

    Raises
    ------
    NotFound : the folder has no ``atlas.toml``
    BadInput : a file is not TOML, a key is unknown, a value is wrong, a name does not exist; names file and key
    """
    folder = Path(folder).absolute()
    atlas_file = folder / ATLAS_FILE
    if not atlas_file.is_file():
        raise NotFound(
            "atlas-missing",
            f"{folder} is not an atlas folder: it has no {ATLAS_FILE}.",
            hint="Make one with `wildways new PATH`.",
        )
    header = _parse(_AtlasFile, atlas_file).atlas
    modules = []
    for file in sorted((folder / "modules").glob("*.toml")):
        module = _parse(ModuleDefinition, file)
        if module.id != file.stem:
            raise BadInput(
                "module-name",
                f"The module is called “{module.id}” but the file {file.name}.",
                hint="Give both the same name.",
                place=Place(file, None, "id"),
            )
        _check_names(module, file)
        modules.append(module)
    return Atlas(folder, header, tuple(modules))


def atlas_schema() -> dict[str, Any]:
    """JSON Schema of ``atlas.toml``."""
    return _AtlasFile.model_json_schema()


def module_schema() -> dict[str, Any]:
    """JSON Schema of ``modules/*.toml``."""
    return ModuleDefinition.model_json_schema()


def _parse(model: type[_Model], file: Path) -> _Model:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput("toml-syntax", f"This is not TOML: {error}.", place=Place(file)) from error
    except UnicodeDecodeError as error:
        raise BadInput(
            "toml-encoding", "The file is not UTF-8.", hint="Save it as UTF-8.", place=Place(file)
        ) from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _definition_error(error, file) from error


def _definition_error(error: ValidationError, file: Path) -> BadInput:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        message, hint = "This key is unknown.", "Check its spelling; `wildways schema` lists the keys."
    elif first["type"] == "missing":
        message, hint = "This key is required and missing.", ""
    else:
        given = json.dumps(first["input"], default=str, ensure_ascii=False)
        message, hint = f"{first['msg']}; it is {given[:80]}.", ""
    more = len(error.errors()) - 1
    if more:
        hint = f"{hint} {more} more such error{'s' if more > 1 else ''} in this file.".strip()
    return BadInput("definition", message, hint=hint, place=Place(file, None, key))


def _check_names(module: ModuleDefinition, file: Path) -> None:
    def refuse(key: str, message: str) -> BadInput:
        return BadInput("definition", message, place=Place(file, None, key))

    parts: tuple[tuple[Literal["sources", "populations"], list[str]], ...] = (
        ("sources", [source.id for source in module.sources]),
        ("populations", [population.id for population in module.populations]),
    )
    for key, ids in parts:
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise refuse(f"{key}.id", f"“{twice[0]}” is used twice.")
    source_ids, population_ids = set(parts[0][1]), set(parts[1][1])
    for number, population in enumerate(module.populations):
        for name in population.sources:
            if name not in source_ids:
                raise refuse(f"populations.{number}.sources", f"There is no source “{name}” in this module.")
    for number, request in enumerate(module.analyses):
        for name in request.populations:
            if name not in population_ids:
                raise refuse(f"analyses.{number}.populations", f"There is no population “{name}” in this module.")
