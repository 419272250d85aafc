"""The map as the package ships it, and the polygons that it is built from."""

import importlib.util
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wildways.context import Jurisdictions

BUILDER = Path(__file__).resolve().parents[2] / "web" / "jurisdictions" / "build_jurisdictions.py"

Place = tuple[str | None, str | None, str | None]


@pytest.fixture(scope="session")
def jurisdictions() -> Jurisdictions:
    return Jurisdictions.load()


@pytest.fixture(scope="session")
def locate(jurisdictions: Jurisdictions) -> Callable[..., Place]:
    """Country, countries and sea area of one position."""

    def locate_one(longitude: float, latitude: float, uncertainty_m: float = np.nan) -> Place:
        here = jurisdictions.locate(np.array([longitude]), np.array([latitude]), np.array([uncertainty_m]))
        return here.country[0].as_py(), here.countries[0].as_py(), here.sea_area[0].as_py()

    return locate_one


@dataclass(frozen=True, repr=False)
class Source:
    """The polygons of the source, the codes of the countries that each may be, and the script that reads them."""

    parts: Any
    builder: Any


@pytest.fixture(scope="session")
def source() -> Source:
    """Polygons of the source; tests that need them skip where the web application's packages are missing."""
    specification = importlib.util.spec_from_file_location("build_jurisdictions", BUILDER)
    if specification is None or specification.loader is None or not (BUILDER.parents[1] / "node_modules").is_dir():
        pytest.skip("the source of the map is not at hand")
    builder = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(builder)
    rules = tomllib.loads((BUILDER.parent / "jurisdictions.toml").read_text(encoding="utf-8"))
    return Source(builder.read_parts(rules), builder)
