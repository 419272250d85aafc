"""What the important-sites analysis says about itself: the method in words and what a reader must know."""

from wildways.analyses.sites.parameters import SiteParameters
from wildways.analyses.sites.units import SitesFound
from wildways.analyses.texts import joined, text
from wildways.areas import criteria
from wildways.model import Text

_CAVEATS = {
    "few-animals": "few_animals",
    "too-few-animals": "too_few_animals",
    "not-representative": "not_representative",
    "single-animal": "single_animal",
    "no-asymptote": "no_asymptote",
    "asymptote-off": "asymptote_off",
}


def site_statement(parameters: SiteParameters, found: SitesFound, scale_m: float) -> Text:
    """How the sites were found, with the numbers used."""
    statement = text(
        "sites",
        "statement",
        inner_km=number(parameters.inner_km),
        scale_km=number(scale_m / 1000),
        level=number(100 * parameters.level),
        cell_m=number(found.sites.grid.cell_m),
        n_orders=parameters.n_orders,
    )
    return joined(statement, text("sites", "screen_statement"))


def site_caveats(found: SitesFound, parameters: SiteParameters) -> tuple[Text, ...]:
    """What a reader of the sites must know."""
    sites = found.sites
    percent = number(100 * sites.representativeness)
    caveats = [text("sites", "no_designation"), text("sites", "tracked_only")]
    if found.is_asymptotic:
        caveats.append(text("sites", "representativeness_caveat", percent=percent, n_animals=sites.n_animals))
    values = {"n_animals": sites.n_animals, "percent": percent, "asymptote": number(100 * (found.asymptote or 0.0))}
    level = number(100 * sites.level)
    caveats += [text("sites", _CAVEATS[remark.code], level=level, **values) for remark in sites.remarks]
    if found.n_left_out:
        caveats.append(text("sites", "left_out", n=found.n_left_out))
    if parameters.population_size is None:
        caveats.append(text("sites", "no_population"))
    elif any(criterion.status == "to be confirmed" for criterion in criteria()):
        caveats.append(text("sites", "unconfirmed"))
    return tuple(caveats)


def number(value: float) -> str:
    """A number for people: three digits where there are no more before the point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
