"""`workbench clocks`: on-time rates under the four legal clocks, and where they differ."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.engines import log_option
from workbench.cli.options import Talk, open_for_reading, selection_options, talk
from workbench.cli.output import write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.clock import clock_differences, on_time_rates
from workbench.i18n import t
from workbench.selection import Selection


@click.command(help=help_text("clocks.help"))
@log_option
@selection_options()
@click.option("--by", default=None, help=help_text("option.by"))
@talk
def clocks(store_path: Path, selection: Selection, by: str | None, talk: Talk) -> None:
    """On-time rates side by side."""
    with open_for_reading(store_path) as store:
        store.check(selection)
        rates = on_time_rates(store, selection, by=by)
        differences = clock_differences(store, selection)
    if talk.json:
        write_json({"rates": rates, "differences": differences})
        return
    write_table(rates.table, talk.language, columns=_RATES, title=t(talk.language, "cli.clocks.rates"))
    write_table(
        differences.table, talk.language, columns=_DIFFERENCES, title=t(talk.language, "cli.clocks.differences")
    )
    write_basis(rates.basis, talk.language)


_RATES = ["group", "clock", "n", "on_time", "late", "pending_on_time", "pending_late", "unknown", "rate", "low", "high"]
_DIFFERENCES = ["dossier_code", "first_due_at", "ended_at", "law", "portal", "pause", "local", "cause"]
