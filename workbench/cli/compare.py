"""`workbench compare`: organisations side by side."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.engines import log_option
from workbench.cli.options import Talk, open_for_reading, selection_options, talk
from workbench.cli.output import say, write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import t
from workbench.selection import Selection


@click.command(help=help_text("compare.help"))
@log_option
@selection_options(procedure_required=True)
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@talk
def compare(store_path: Path, selection: Selection, by: str, talk: Talk) -> None:
    """Matrix, distances, clusters, medoid, outliers."""
    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        with canonical_steps(store, selection) as state:
            result = compare_organisations(store, selection, by=by, progress=progress)
    if talk.json:
        write_json({**result.to_dict(), "vocabulary": state, "selection": selection.to_dict()})
        return
    write_table(result.organisations, talk.language, columns=_SHOWN)
    click.echo(t(talk.language, "cli.compare.medoid", medoid=result.medoid))
    click.echo(t(talk.language, f"cli.vocabulary.state.{state}"))
    for note in result.notes:
        say(t(talk.language, f"harmonise.note.{note}"))
    write_basis(result.basis, talk.language)


_SHOWN = [
    "organisation",
    "dossiers",
    "variants",
    "size",
    "fitness",
    "precision",
    "f",
    "mean_distance",
    "cluster",
    "medoid",
    "outlier",
    "on_time",
]
