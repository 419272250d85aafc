"""What analyses yield and a release publishes: products with their method, inputs and sample."""

from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from wildways.model.atlas import Text
from wildways.model.terms import Derivation, FileRole, ProductKind

PRODUCT_FILE = "product.json"


class Record(BaseModel):
    """A value that is written as JSON and read back unchanged."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MethodRecord(Record):
    """How a product was computed, complete enough to compute it again."""

    name: str = Field(description="Name of the analysis method.")
    statement: Text = Field(description="The method in one or two sentences, by language, for legends and panels.")
    parameters: dict[str, Any] = Field(description="All parameters with their values, defaults included.")
    references: tuple[str, ...] = Field(description="Where the method is defined: author, year, doi.")
    code_version: str = Field(description="Version of Wildways that ran it.")


class Inputs(Record):
    """What a product was computed from."""

    snapshot: int = Field(description="Snapshot of the workspace store that was read.")
    sources: tuple[str, ...] = Field(description="Ids of the module's sources whose evidence was used.")
    source_files: tuple[str, ...] = Field(description="SHA-256 of the files whose evidence was used.")
    windows_sha256: str | None = Field(None, description="SHA-256 of the windows file decided by people, if any.")


class Sample(Record):
    """How much evidence stands behind a product."""

    n_animals: int = Field(ge=0)
    n_sequences: int = Field(ge=0)
    n_fixes: int = Field(ge=0)
    years: tuple[int, ...] = Field(description="Calendar years with evidence used, ascending.")
    first_utc: AwareDatetime | None = None
    last_utc: AwareDatetime | None = None


class LegendClass(Record):
    """One entry of a legend."""

    value: str = Field(description="Value of the feature property `class`.")
    label: Text
    rule: Text = Field(description="What the class means, computed from the stored method, by language.")
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")


class Legend(Record):
    """How a layer is drawn and read."""

    geometry: str = Field(description="`polygon`, `line`, `point` or `raster`.")
    classes: tuple[LegendClass, ...] = Field(description="In the order of the legend; the first is drawn on top.")
    opacity: float = Field(1.0, ge=0, le=1)
    visible: bool = True
    order: int = Field(0, description="Layers with a higher order are drawn above.")


class Property(Record):
    """A property of a layer's features: what it means and its unit. Only declared properties are published."""

    name: str
    label: Text
    unit: str = ""


class Product(Record):
    """A product as an analysis leaves it in the workspace: this record beside its data file."""

    id: str = Field(description="MODULE.POPULATION.ROLE", pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+){2}$")
    module: str
    population: str
    role: str = Field(description="What the layer is: `corridors`, `stopovers`, `routes`, `use`, `windows` …")
    kind: ProductKind
    derivation: Derivation
    title: Text
    taxon: str
    file: str = Field(description="Data file beside this record: features.parquet, raster.tif or table.parquet.")
    bbox: tuple[float, float, float, float] | None = Field(description="West, south, east, north in degrees.")
    legend: Legend | None = None
    properties: tuple[Property, ...] = ()
    method: MethodRecord
    inputs: Inputs
    sample: Sample
    caveats: tuple[Text, ...] = Field((), description="What a reader must know: few animals, collapsed classes …")
    simulated: bool = False
    created_utc: AwareDatetime

    def write(self, folder: Path) -> None:
        """Write the record as ``product.json`` in `folder`."""
        (folder / PRODUCT_FILE).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Product":
        """Read the record back from `folder`."""
        return cls.model_validate_json((folder / PRODUCT_FILE).read_text(encoding="utf-8"))


class PublishedFile(Record):
    """A file of a release."""

    role: FileRole
    path: str = Field(description="Relative to the release folder, with forward slashes.")
    bytes: int
    sha256: str
    media_type: str
    layer: str | None = Field(None, description="Name of the vector tile layer.")
    min_zoom: int | None = None
    max_zoom: int | None = None


class PublishedSource(Record):
    """Whose data stand behind a product, and on what terms."""

    id: str
    owner: str
    citation: str
    licence: str


class PublishedProduct(Product):
    """A product as the catalogue of a release lists it."""

    files: tuple[PublishedFile, ...]
    sources: tuple[PublishedSource, ...]
    licence: str = Field(description="Licence of this product, as an SPDX identifier.")


class PublishedPopulation(Record):
    """A population as the catalogue lists it."""

    id: str
    title: Text
    taxon: str
    bbox: tuple[float, float, float, float] | None
    products: tuple[str, ...] = Field(description="Ids of its products, in drawing order.")


class PublishedModule(Record):
    """A module as the catalogue lists it."""

    id: str
    title: Text
    summary: Text | None
    taxa: tuple[str, ...]
    contact: str
    citation: str
    populations: tuple[PublishedPopulation, ...]


class PublishedAtlas(Record):
    """The atlas as the catalogue describes it."""

    id: str
    title: Text
    summary: Text | None
    publisher: str
    contact: str
    licence: str
    languages: tuple[str, ...]
    simulated: bool


class Withheld(Record):
    """What the gate held back, said without saying what it holds."""

    product: str
    reason: Text


class Catalogue(Record):
    """``catalogue.json``: everything a release holds; the server and the web application start here."""

    format: str = "wildways-catalogue/1"
    release: str = Field(description="Name of the release, the folder's name.")
    created_utc: AwareDatetime
    code_version: str
    atlas: PublishedAtlas
    modules: tuple[PublishedModule, ...]
    products: tuple[PublishedProduct, ...]
    withheld: tuple[Withheld, ...] = ()
