"""`workbench indicators`: official indicators recomputed from the log, beside the portal's score."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click
import pandas as pd

from workbench.cli.bars import bars
from workbench.cli.options import Talk, named_values, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.errors import WorkbenchError
from workbench.i18n import t
from workbench.indicators import LABEL, Indicators, Reconciliation, cheapest_points, compute_indicators
from workbench.indicators.periods import Every
from workbench.selection import Selection


@click.command(help=help_text("indicators.help"))
@store_option
@selection_options()
@click.option("--by", default=None, help=help_text("option.by"))
@click.option("--every", type=click.Choice(list(get_args(Every))), default=None, help=help_text("indicators.every"))
@click.option("--portal", type=click.Path(path_type=Path, dir_okay=False), help=help_text("indicators.portal"))
@click.option("--unit-is", "unit_is", multiple=True, metavar="NAME=CODE", help=help_text("indicators.unit_is"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=help_text("indicators.out"))
@talk
def indicators(
    *,
    store_path: Path,
    selection: Selection,
    by: str | None,
    every: Every | None,
    portal: Path | None,
    unit_is: tuple[str, ...],
    out: Path | None,
    talk: Talk,
) -> None:
    """The indicators of QĐ 766."""
    from workbench.export import workbooks
    from workbench.export.reports.asked import Asked
    from workbench.export.reports.scores import reconciled

    if portal is not None and every is not None:
        raise WorkbenchError(
            "A portal file is about one period.", fix="Leave --every out; choose with --from and --to."
        )
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        named = named_values(unit_is, "--unit-is")
        asked = Asked(store, selection, talk.language, portal=portal, units=named, progress=progress)
        if out is not None:
            for file in workbooks.write_workbook(workbooks.indicators(asked, by=by, every=every), out):
                say(str(file))
            return
        if portal is not None:
            found, compared = reconciled(asked)
        else:
            found, compared = compute_indicators(store, selection, by=by, every=every, progress=progress), None
    if talk.json:
        facts = {**found.to_dict(), "cheapest": cheapest_points(found).to_dict()["table"]}
        facts["selection"] = selection.to_dict()
        write_json(facts if compared is None else {**facts, "portal": compared.to_dict()})
    else:
        _show(found, compared, talk)


def _show(found: Indicators, compared: Reconciliation | None, talk: Talk) -> None:
    """The indicators, beside the portal's where they are compared, and the points that cost least."""
    if compared is None:
        write_table(found.table, talk.language, columns=_SHOWN)
    else:
        write_table(_worded(compared.table, talk), talk.language, columns=_COMPARED)
        if compared.unmatched:
            say(t(talk.language, "cli.indicators.unmatched", names=", ".join(compared.unmatched)))
    points = cheapest_points(found)
    if not points.table.empty:
        title = t(talk.language, "cli.indicators.cheapest")
        actions = [t(talk.language, f"indicators.action.{code}") for code in points.table["action"]]
        write_table(points.table.assign(action=actions), talk.language, columns=_POINTS, title=title)
    click.echo(t(talk.language, f"indicators.label.{LABEL}"))
    write_basis(found.basis, talk.language)


def _worded(table: pd.DataFrame, talk: Talk) -> pd.DataFrame:
    """Why the portal differs, in words."""
    causes = [
        ": ".join(t(talk.language, key) for key in (f"indicators.cause.{cause}", f"indicators.variant.{way}" if way else "") if key)
        for cause, way in zip(table["cause"], table["variant"], strict=True)
    ]  # fmt: skip
    return table.assign(portal_why=causes)


_SHOWN = [
    "group",
    "start",
    "end",
    "id",
    "numerator",
    "denominator",
    "ratio",
    "points",
    "max_points",
    "points_lost",
    "left_out",
]
_COMPARED = ["group", "id", "portal_ratio", "our_ratio", "difference", "portal_score", "our_points", "portal_why"]
_POINTS = ["group", "action", "indicators", "dossiers", "points", "cumulative_points"]
