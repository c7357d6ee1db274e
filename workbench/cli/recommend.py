"""`workbench recommend`: redesign moves with their evidence."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.harmonise.recommendation.cost_assessment import read_parameters
from workbench.harmonise.recommendation.recommend import recommend as recommend_moves
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import Language, t
from workbench.selection import Selection


@click.command(help=help_text("recommend.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@click.option("--parameters", "file", type=click.Path(path_type=Path), default=None, help=help_text("cost.parameters"))
@talk
def recommend(store_path: Path, selection: Selection, by: str, file: Path | None, talk: Talk) -> None:
    """Recommendations for one procedure."""
    cost = None if file is None else read_parameters(file)
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        with canonical_steps(store, selection) as state:
            found = recommend_moves(store, selection, by=by, parameters=cost, vocabulary=state, progress=progress)
    if talk.json:
        write_json(found.to_dict())
        return
    table = pd.DataFrame(found.to_dict()["recommendations"])
    if len(table):
        table["lateness_effect"] = [None if one is None else one["effect"] for one in table["lateness"]]
        for name, what in (("working_days_a_year", "days"), ("vnd_a_year", "vnd")):
            told = zip(table[name].tolist(), table[f"{what}_reason"], strict=True)
            table[name] = pd.Series([_or_reason(*one, what, talk.language) for one in told], dtype=object)
    write_table(table, talk.language, columns=_SHOWN)
    for note in found.notes:
        say(t(talk.language, f"harmonise.note.{note}"))
    write_basis(found.basis, talk.language)


def _or_reason(value: float | None, reason: str | None, what: str, language: Language) -> float | str | None:
    """A yearly figure, or in words why there is none."""
    known = value is not None and value == value  # noqa: PLR0124 - a table's empty cell is no number
    return value if known or reason is None else t(language, f"harmonise.no_{what}.{reason}")


_SHOWN = [
    "verdict",
    "move",
    "steps",
    "organisations",
    "dossiers",
    "effect_working_hours",
    "interval",
    "lateness_effect",
    "working_days_a_year",
    "vnd_a_year",
    "q_value",
]
