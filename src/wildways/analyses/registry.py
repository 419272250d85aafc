"""The analyses that are installed, found through the entry point group ``wildways.analyses``."""

from importlib.metadata import entry_points
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from wildways.analyses.contract import Analysis
from wildways.model import BadInput, NotFound, Place

GROUP = "wildways.analyses"


def list_analyses() -> dict[str, Analysis]:
    """Every installed analysis by its name, sorted."""
    return {point.name: get_analysis(point.name) for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


def get_analysis(name: str) -> Analysis:
    """The analysis of that name.

    Raises
    ------
    NotFound : there is none; says which there are
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    if name not in points:
        known = ", ".join(sorted(points)) or "none"
        raise NotFound("method-unknown", f"There is no method “{name}”.", hint=f"Installed: {known}.")
    return cast("Analysis", points[name].load()())


def check_parameters(analysis: Analysis, given: dict[str, Any], place: Place) -> BaseModel:
    """The analysis's parameters with defaults filled in.

    Raises
    ------
    BadInput : a parameter is unknown or its value is wrong; names the parameter
    """
    try:
        return analysis.parameters.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in (place.field, *first["loc"]) if part)
        raise BadInput(
            "parameter",
            f"{analysis.name}: {first['msg']}; it is {first['input']!r}.",
            hint=f"`wildways methods {analysis.name}` lists the parameters.",
            place=Place(place.file, place.line, field),
        ) from error
