"""`workbench migrate` and `workbench track`: the way to the unified procedure, and how far everyone has come."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import pandas as pd

from workbench.cli.bars import bars
from workbench.cli.model_folder import unified_model
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.harmonise.migration.migration import migration_plan
from workbench.harmonise.migration.tracking import track_distance
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import t
from workbench.selection import Selection


@click.command(help=help_text("migrate.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--model", "folder", required=True, type=click.Path(path_type=Path), help=help_text("migrate.model"))
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@talk
def migrate(store_path: Path, selection: Selection, folder: Path, by: str, talk: Talk) -> None:
    """Steps and time limits to change per organisation, and who goes first."""
    model = unified_model(folder)
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        with canonical_steps(store, selection, known=model.steps) as state:
            plan = migration_plan(store, selection, model, by=by, progress=progress)
    if talk.json:
        write_json({**plan.to_dict(), "vocabulary": state, "selection": selection.to_dict()})
        return
    say(t(talk.language, f"cli.vocabulary.state.{state}"))
    words = [t(talk.language, f"harmonise.migration.reason.{code}") for code in plan.organisations["reason"]]
    table = plan.organisations.assign(reason=words).rename(columns={"move": "moved"})
    write_table(table, talk.language, columns=_PLAN)
    steps = plan.steps[plan.steps["listed"]]
    actions = [t(talk.language, f"harmonise.action.{action}") for action in steps["action"]]
    title = t(talk.language, "cli.migrate.steps")
    write_table(steps.assign(action=actions), talk.language, title=title, columns=_STEPS)
    if len(plan.limits):
        write_table(plan.limits, talk.language, title=t(talk.language, "cli.migrate.limits"))
    for gap in plan.gaps:
        say(t(talk.language, f"harmonise.migration.gap.{gap}"))
    write_basis(plan.basis, talk.language)


@click.command(help=help_text("track.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--model", "folder", required=True, type=click.Path(path_type=Path), help=help_text("migrate.model"))
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), default=None, help=help_text("track.since"))
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@talk
def track(*, store_path: Path, selection: Selection, folder: Path, since: datetime | None, by: str, talk: Talk) -> None:
    """Monthly distance to the unified procedure, before and after a date."""
    model = unified_model(folder)
    day = None if since is None else since.date()
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        with canonical_steps(store, selection, known=model.steps) as state:
            found = track_distance(store, selection, model, since=day, by=by, progress=progress)
    if talk.json:
        write_json({**found.to_dict(), "vocabulary": state, "selection": selection.to_dict()})
        return
    say(t(talk.language, f"cli.vocabulary.state.{state}"))
    everyone = found.months[found.months["organisation"] == "all"]
    everyone = everyone.assign(month=pd.to_datetime(everyone["month"]).dt.strftime("%m/%Y"))
    write_table(everyone, talk.language, title=t(talk.language, "cli.track.months"), columns=_MONTHS)
    if len(found.change):
        change = found.change.rename(columns={"before": "distance_before", "after": "distance_after"})
        write_table(change, talk.language, title=t(talk.language, "cli.track.change"))
    for gap in found.gaps:
        say(t(talk.language, f"harmonise.tracking.gap.{gap}"))
    write_basis(found.basis, talk.language)


_PLAN = [
    "wave", "organisation", "dossiers", "add", "drop", "moved", "limits", "cases_affected", "distance_before",
    "distance_after", "reason",
]  # fmt: skip
_STEPS = ["organisation", "action", "step", "after", "share", "dossiers"]
_MONTHS = ["month", "dossiers", "open_share", "distance", "low", "high", "following", "too_early"]
