"""Put the built web application and maps into the package, so that installing it needs no Node."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebApplication(BuildHookInterface[Any]):
    """Run ``make web`` before packaging, unless its output is already there (an sdist carries it)."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing; an editable install leaves that to ``make``."""
        root = Path(self.root)
        built = ("server/static/index.html", "server/basemap/basemap.pmtiles", "context/data/jurisdictions.npz")
        if version == "editable" or all((root / "src/wildways" / file).is_file() for file in built):
            return
        subprocess.run(["make", "web"], cwd=root, check=True)
