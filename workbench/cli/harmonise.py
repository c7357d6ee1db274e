"""`workbench harmonise`: one unified procedure and what it takes to get there."""

from __future__ import annotations

import json
from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_json, write_table
from workbench.cli.texts import help_text
from workbench.export.harmonisation import write_harmonisation
from workbench.harmonise.configuration.configure import configure_procedure
from workbench.harmonise.discovery.search import EVALUATIONS, SECONDS
from workbench.harmonise.migration.migration import migration_plan
from workbench.harmonise.recommendation.recommend import recommend
from workbench.harmonise.unification.unify import Harmonisation, harmonise_procedure
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import format_number, t
from workbench.results import plain
from workbench.selection import Selection


@click.command(help=help_text("harmonise.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help=help_text("option.out_dir"))
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@click.option(
    "--evaluations",
    type=click.IntRange(1),
    default=EVALUATIONS,
    show_default=True,
    help=help_text("harmonise.evaluations"),
)
@click.option("--seconds", type=float, default=SECONDS, show_default=True, help=help_text("harmonise.seconds"))
@click.option("--seed", type=int, default=1, show_default=True, help=help_text("option.seed"))
@click.option("--configurable", is_flag=True, help=help_text("harmonise.configurable"))
@talk
def harmonise(
    *,
    store_path: Path,
    selection: Selection,
    out: Path,
    by: str,
    evaluations: int,
    seconds: float,
    seed: int,
    configurable: bool,
    talk: Talk,
) -> None:
    """Write the unified procedure, its evaluation, the recommendations and the migration list."""
    result = write_harmonisation_of(
        store_path, selection, out, by=by, seconds=seconds, evaluations=evaluations, seed=seed, talk=talk
    )
    if configurable:
        _write_configurable(store_path, selection, result, out, seed=seed, talk=talk)
    if talk.json:
        write_json(result.evaluation())
    else:
        write_table(result.candidates, talk.language, columns=_SHOWN)


def _write_configurable(
    store_path: Path, selection: Selection, result: Harmonisation, out: Path, *, seed: int, talk: Talk
) -> None:
    """The configurable model and its variation points beside the other files."""
    drawing = bars(talk.language, quiet=talk.quiet)
    with open_for_reading(store_path) as store, drawing as progress, canonical_steps(store, selection):
        made = configure_procedure(store, selection, result.bpmn, by=result.by, seed=seed, progress=progress)
    facts = made.to_dict()
    model = facts.pop("configurable")
    for name, content in (("configurable.json", model), ("variation_points.json", facts)):
        text = json.dumps(plain(content), ensure_ascii=False, indent=1)
        (out / name).write_text(text + "\n", "utf-8")


def write_harmonisation_of(
    store_path: Path,
    selection: Selection,
    out: Path,
    *,
    by: str,
    seconds: float = SECONDS,
    evaluations: int = EVALUATIONS,
    seed: int,
    talk: Talk,
) -> Harmonisation:
    """Harmonise a selection of a store and write the files; the result for further telling."""
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        with canonical_steps(store, selection) as state:
            result = harmonise_procedure(
                store, selection, by=by, seconds=seconds, evaluations=evaluations, seed=seed, progress=progress
            )
            moves = recommend(store, selection, by=by, vocabulary=state, progress=progress)
            write_harmonisation(store, result, out, language=talk.language, recommendations=moves)
            plan = migration_plan(store, selection, result.bpmn, by=by, progress=progress)
    (out / "migration_plan.json").write_text(json.dumps(plan.to_dict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    say(t(talk.language, f"cli.vocabulary.state.{state}"))
    for note in result.notes:
        say(t(talk.language, f"harmonise.note.{note}"))
    mean = result.evaluation()["unified"]["mean"]["f"]
    say(
        t(
            talk.language,
            "cli.harmonise.done",
            size=format_number(result.bpmn.size, talk.language),
            f=format_number(mean, talk.language, 3),
            out=out,
        )
    )
    if not result.search["deterministic"]:
        say(t(talk.language, "cli.harmonise.cut", evaluations=result.search["evaluations"]))
    return result


_SHOWN = [
    "name",
    "size",
    "fitness",
    "precision",
    "f",
    "worst_f",
    "changes",
    "expected_working_hours",
    "on_front",
    "recommended",
]
