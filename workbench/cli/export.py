"""`workbench export`: the dossiers of a selection as a log or a table for other tools, and the tables offices keep."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_json
from workbench.cli.texts import language
from workbench.errors import WorkbenchError
from workbench.i18n import format_number, t
from workbench.selection import Selection

TABLES = ("events", "received", "indicators", "watch", "quarantine", "rows")


def _text(key: str) -> str:
    return t(language(), f"export.log_command.{key}")


@click.command(name="export", help=_text("help"))
@click.argument("path", type=click.Path(path_type=Path))
@store_option
@click.option("--table", type=click.Choice(TABLES), default="events", show_default=True, help=_text("table"))
@click.option("--labels", is_flag=True, help=_text("labels"))
@selection_options()
@talk
def export(*, path: Path, store_path: Path, table: str, labels: bool, selection: Selection, talk: Talk) -> None:
    """Write a selection."""
    from workbench.export.reports.asked import Asked
    from workbench.export.selection_file import write_selection
    from workbench.export.workbooks import TABLES as MAKERS
    from workbench.export.workbooks import write_workbook

    with open_for_reading(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        store.check(selection)
        basis = store.basis(selection)
        try:
            if table == "rows":
                from workbench.export.rows import write_rows

                rows = write_rows(store, path, progress=progress)
                written = [path]
            elif table == "events":
                written = [write_selection(store, path, selection, steps=not labels, progress=progress)]
            else:
                asked = Asked(store, selection, talk.language, progress=progress)
                written = list(write_workbook(MAKERS[table](asked), path))
        except OSError as exc:
            raise WorkbenchError(f"{path} cannot be written.", fix="Name a file in a folder you may write to.") from exc
    if talk.json:
        facts = {"path": str(path), "dossiers": basis.n_dossiers, "selection": selection.to_dict()}
        write_json(facts if table == "events" else {**facts, "table": table, "paths": [str(one) for one in written]})
    elif table == "rows":
        say(t(talk.language, "export.log_command.rows_done", rows=format_number(rows, talk.language), path=path))
    elif table == "events":
        number = format_number(basis.n_dossiers, talk.language)
        say(t(talk.language, "export.log_command.done", dossiers=number, path=path))
    else:
        for one in written:
            say(str(one))
