"""`workbench export`: the dossiers of a selection as a log or a table for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_json
from workbench.cli.texts import language
from workbench.i18n import format_number, t
from workbench.selection import Selection


def _text(key: str) -> str:
    return t(language(), f"export.log_command.{key}")


@click.command(name="export", help=_text("help"))
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@store_option
@click.option("--labels", is_flag=True, help=_text("labels"))
@selection_options()
@talk
def export(*, path: Path, store_path: Path, labels: bool, selection: Selection, talk: Talk) -> None:
    """Write a selection."""
    from workbench.export.selection_file import write_selection

    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        written = write_selection(store, path, selection, steps=not labels, progress=progress)
        basis = store.basis(selection)
    if talk.json:
        write_json({"path": str(written), "dossiers": basis.n_dossiers, "selection": selection.to_dict()})
    else:
        number = format_number(basis.n_dossiers, talk.language)
        say(t(talk.language, "export.log_command.done", dossiers=number, path=written))
