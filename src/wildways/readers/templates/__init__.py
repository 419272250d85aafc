"""Tables to fill in, with a header and a few simulated rows: what `flipper-tags`, `nesting-sites`, `network` read."""

from importlib.resources import files
from types import MappingProxyType

from wildways.model import NotFound

TEMPLATES = MappingProxyType(
    {
        "flipper-tags": ("flipper_tags.csv",),
        "nesting-sites": ("nesting_sites.csv",),
        "network": ("network_sites.csv", "network_links.csv"),
    }
)
"""Reader → its templates."""


def read_template(name: str) -> str:
    """The text of a template, by the name of its file.

    Raises
    ------
    NotFound : there is none of that name
    """
    known = [file for names in TEMPLATES.values() for file in names]
    if name not in known:
        hint = f"There are: {', '.join(known)}."
        raise NotFound("template-unknown", f"There is no template “{name}”.", hint=hint)
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
