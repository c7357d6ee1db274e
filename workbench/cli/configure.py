"""`workbench configure`: the unified procedure as one organisation should run it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_basis, write_json
from workbench.cli.texts import help_text
from workbench.errors import ModelError
from workbench.export.bpmn import write_bpmn
from workbench.export.observed import observed_procedure
from workbench.harmonise.configuration.configurable import Configurable, configurable_from
from workbench.harmonise.configuration.configure import configure as configure_for
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import format_number, t
from workbench.mining.model import Bpmn
from workbench.mining.model_files import read_model
from workbench.selection import Selection


@click.command(help=help_text("configure.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--organisation", required=True, help=help_text("configure.organisation"))
@click.option("--model", "folder", required=True, type=click.Path(path_type=Path), help=help_text("configure.model"))
@click.option("--out", required=True, type=click.Path(path_type=Path), help=help_text("configure.out"))
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@talk
def configure(
    *, store_path: Path, selection: Selection, organisation: str, folder: Path, out: Path, by: str, talk: Talk
) -> None:
    """Write the configured procedure of one organisation."""
    model = _model(folder)
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet):
        store.check(selection)
        with canonical_steps(store, selection, known=_steps(model)):
            found = configure_for(store, selection, organisation, model, by=by)
            known = observed_procedure(store, selection, found.bpmn)
        write_bpmn(found.bpmn, out, lanes=known.lanes, name=known.name, language=talk.language, facts=known.facts)
    if talk.json:
        facts = {"organisation": organisation, "how": found.how, "size": found.bpmn.size, "file": str(out)}
        write_json({**facts, "score": found.score, "unified": found.unified, "changes": found.changes})
        return
    size, f = (format_number(found.bpmn.size, talk.language), format_number(found.score.f, talk.language, 3))
    say(t(talk.language, f"cli.configure.{found.how}", organisation=organisation, size=size, f=f, out=out))
    write_basis(found.basis, talk.language)


def _steps(model: Bpmn | Configurable) -> tuple[str, ...]:
    return model.steps if isinstance(model, Bpmn) else tuple(sorted(model.union.numbers))


def _model(folder: Path) -> Bpmn | Configurable:
    """The configurable model of a harmonised folder, else its unified procedure."""
    if (folder / "configurable.json").is_file():
        return configurable_from(json.loads((folder / "configurable.json").read_text("utf-8")))
    if not (folder / "unified.bpmn").is_file():
        raise ModelError(
            f"{folder} holds no harmonised procedure.",
            fix="Make it with `workbench harmonise … --out DIR`.",
            path=str(folder),
        )
    model = read_model(folder / "unified.bpmn")
    if not isinstance(model, Bpmn):
        raise ModelError(f"{folder / 'unified.bpmn'} is not a BPMN model.", fix="Harmonise again.", path=str(folder))
    return model
