"""``wildways new``."""

import json
from pathlib import Path

import click

from wildways.model import Conflict, Place, open_atlas

ATLAS_TEMPLATE = """\
# An atlas: this file says what it is, modules/*.toml what is in it. Keys: wildways schema atlas

[atlas]
id = {id}
title = {{ en = {title} }}
summary = {{ en = "What this atlas shows, in one paragraph." }}
publisher = ""
contact = ""
licence = "CC-BY-4.0"     # of the published products, an SPDX identifier
languages = ["en"]
"""

MODULE_TEMPLATE = """\
# A module: a thematic part of the atlas. Keys: wildways schema module
# Remove the marks before the lines below and put your files into data/.

id = "ungulates"
title = { en = "Ungulates" }
taxa = ["Odocoileus hemionus"]

# [[sources]]
# id = "deer"
# path = "data/deer*.csv"
# reader = "movebank-csv"          # wildways formats
# licence = "CC-BY-4.0"            # of the data, an SPDX identifier
# access = "products"              # open: raw records may leave; products: only products; private: nothing
# owner = ""
# citation = ""
# time_zone = "US/Mountain"        # where the time stamps are not UTC
# crs = "EPSG:32612"               # where the coordinates are not WGS 84 degrees

# [[populations]]
# id = "red-desert"
# title = { en = "Red Desert mule deer" }
# taxon = "Odocoileus hemionus"
# windows = "windows/red-desert.csv"   # migration dates decided by people

# [[analyses]]
# method = "corridors"             # wildways methods corridors
"""


@click.command(epilog="Example: wildways new my-atlas")
@click.argument("path", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """Start an atlas folder at PATH: atlas.toml, a module to fill in, and a place for data."""
    if (path / "atlas.toml").exists():
        raise Conflict("atlas-exists", "There is an atlas already.", place=Place(path))
    name = path.resolve().name
    identifier = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-") or "atlas"
    for folder in (path / "modules", path / "data", path / "windows"):
        folder.mkdir(parents=True, exist_ok=True)
    header = ATLAS_TEMPLATE.format(id=json.dumps(identifier), title=json.dumps(name, ensure_ascii=False))
    (path / "atlas.toml").write_text(header, encoding="utf-8")
    (path / "modules" / "ungulates.toml").write_text(MODULE_TEMPLATE, encoding="utf-8")
    open_atlas(path)
    click.echo(f"{path}: put data under data/, describe them in modules/ungulates.toml, then run")
    click.echo(f"  wildways ingest {path} && wildways build {path} && wildways release {path} && wildways serve {path}")
