"""``wildways fetch``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wildways.cli.output import atlas_argument, json_option, progress_bars, say_json
from wildways.model import NotAllowed, open_atlas

if TYPE_CHECKING:
    from wildways.connectors import FetchReport, LicenceNotAccepted


@click.command(epilog="Example: wildways fetch my-atlas --source albatrosses --accept-licence")
@atlas_argument
@click.option(
    "--source", "sources", multiple=True, help="Only this source, as SOURCE or MODULE.SOURCE; may be repeated."
)
@click.option("--accept-licence", is_flag=True, help="Accept the terms of use that the service lays before you.")
@click.option("--refresh", is_flag=True, help="Fetch everything anew, to learn what the owner deleted.")
@json_option
def command(atlas: Path, sources: tuple[str, ...], accept_licence: bool, refresh: bool, as_json: bool) -> None:
    """Fetch the sources of ATLAS that come from a service into its folder, or what was updated since.

    Credentials come from MOVEBANK_TOKEN, or MOVEBANK_USERNAME and MOVEBANK_PASSWORD, or ~/.netrc; they are never
    stored. Terms of use are shown first; with --accept-licence they are accepted, and kept beside the data.
    """
    from wildways.connectors import LicenceNotAccepted, fetch_source, find_fetched

    opened = open_atlas(atlas)
    reports: list[FetchReport] = []
    offers: list[LicenceNotAccepted] = []
    with progress_bars(quiet=as_json) as progress:
        for module, source in find_fetched(opened, sources):
            try:
                reports.append(
                    fetch_source(opened, module, source, accept=accept_licence, refresh=refresh, progress=progress)
                )
            except LicenceNotAccepted as offer:
                offers.append(offer)
    if as_json:
        licences = [{"title": offer.title, "md5": offer.terms.md5, "text": offer.terms.text} for offer in offers]
        say_json({"sources": [report.as_dict() for report in reports], "licences": licences})
    else:
        _say(reports, offers)
    if offers:
        raise _one_error(offers)


def _say(reports: "Sequence[FetchReport]", offers: "Sequence[LicenceNotAccepted]") -> None:
    for report in reports:
        what = "all events" if report.is_full else "what was updated"
        click.echo(
            f"{report.module_id}.{report.source_id}: {report.study}: {report.n_rows:,} events in {report.folder} "
            f"(fetched {what}: {report.n_added:,} new, {report.n_changed:,} changed, {report.n_removed:,} gone)"
        )
        if report.accepted:
            click.echo(f"  accepted terms of use:\n{_indented(report.accepted)}")
        for remark in report.remarks:
            rows = f" {remark.n_rows:,}" if remark.n_rows else ""
            click.echo(f"  noted{rows} [{remark.code}]: {remark.message}{f' {remark.hint}' if remark.hint else ''}")
    for offer in offers:
        click.echo(f"{offer.title}: terms of use\n{_indented(offer.terms.text)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _one_error(offers: "Sequence[LicenceNotAccepted]") -> NotAllowed:
    if len(offers) == 1:
        return offers[0]
    titles = ", ".join(offer.title for offer in offers)
    return NotAllowed("licence-not-accepted", f"Terms of use are not accepted: {titles}.", hint=offers[0].hint)
