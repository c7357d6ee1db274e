"""`workbench indicators`: official indicators recomputed from the log."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.i18n import t
from workbench.indicators import LABEL, compute_indicators
from workbench.indicators.periods import Every
from workbench.selection import Selection


@click.command(help=help_text("indicators.help"))
@store_option
@selection_options()
@click.option("--by", default=None, help=help_text("option.by"))
@click.option("--every", type=click.Choice(list(get_args(Every))), default=None, help=help_text("indicators.every"))
@talk
def indicators(store_path: Path, selection: Selection, by: str | None, every: Every | None, talk: Talk) -> None:
    """The indicators of QĐ 766."""
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        found = compute_indicators(store, selection, by=by, every=every, progress=progress)
    if talk.json:
        write_json({**found.to_dict(), "selection": selection.to_dict()})
        return
    write_table(found.table, talk.language, columns=_SHOWN)
    click.echo(t(talk.language, f"indicators.label.{LABEL}"))
    write_basis(found.basis, talk.language)


_SHOWN = ["group", "start", "end", "id", "numerator", "denominator", "ratio", "points", "max_points", "left_out"]
