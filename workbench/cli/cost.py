"""`workbench cost`: what a procedure costs its applicants, now and after a change."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.errors import SettingError
from workbench.harmonise.recommendation.cost import CostParameters
from workbench.harmonise.recommendation.cost_assessment import (
    CostAssessment,
    assess_cost,
    parameters_text,
    read_parameters,
    with_values,
)
from workbench.harmonise.recommendation.recommend import recommend
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import format_number, t
from workbench.selection import Selection


@click.command(help=help_text("cost.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--parameters", "file", type=click.Path(path_type=Path), default=None, help=help_text("cost.parameters"))
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help=help_text("cost.set"))
@click.option("--after", "wanted", multiple=True, metavar="NAME=VALUE", help=help_text("cost.after"))
@click.option("--recommended", is_flag=True, help=help_text("cost.recommended"))
@click.option("--no-defaults", is_flag=True, help=help_text("cost.no_defaults"))
@click.option("--write-parameters", type=click.Path(path_type=Path), default=None, help=help_text("cost.write"))
@talk
def cost(
    *,
    store_path: Path,
    selection: Selection,
    file: Path | None,
    given: tuple[str, ...],
    wanted: tuple[str, ...],
    recommended: bool,
    no_defaults: bool,
    write_parameters: Path | None,
    talk: Talk,
) -> None:
    """The standard cost before and after, with every parameter."""
    parameters = None if no_defaults and file is None and not given else _parameters(file, given)
    if write_parameters is not None:
        write_parameters.write_text(parameters_text(parameters or CostParameters()), "utf-8")
    with open_for_reading(store_path) as store:
        store.check(selection)
        with canonical_steps(store, selection) as state:
            moves = recommend(store, selection, vocabulary=state).items if recommended else ()
        found = assess_cost(store, selection, parameters=parameters, after=_numbers(wanted), recommendations=moves)
    if talk.json:
        write_json({**found.to_dict(), "vocabulary": state, "selection": selection.to_dict()})
        return
    _write(found, talk)


def _parameters(file: Path | None, given: tuple[str, ...]) -> CostParameters:
    return with_values(read_parameters(file) if file else CostParameters(), _numbers(given))


def _numbers(words: tuple[str, ...]) -> dict[str, float]:
    out: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            out[name] = float(value)
        except ValueError as exc:
            raise SettingError(f"{word!r} sets nothing.", fix="Write NAME=NUMBER.", name=name) from exc
    return out


def _write(found: CostAssessment, talk: Talk) -> None:
    language = talk.language
    write_table(found.tasks, language, title=t(language, "cli.cost.tasks"))
    if found.change is not None:
        change = found.change
        click.echo(
            t(
                language,
                "cli.cost.done",
                before=format_number(change.before.per_year_vnd, language, 0),
                after=format_number(change.after.per_year_vnd, language, 0),
                saved=format_number(change.saved_vnd_a_year, language, 0),
                cut=format_number(change.cut * 100, language, 1),
            )
        )
        targets = found.targets.assign(year=found.targets["year"].astype(str))
        write_table(targets, language, title=t(language, "cli.cost.targets"))
    write_table(found.parameters, language, title=t(language, "cli.cost.parameters_title"))
    for gap in found.gaps:
        say(t(language, f"harmonise.cost.gap.{gap}"))
    write_basis(found.basis, language)
