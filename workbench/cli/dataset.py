"""`workbench dataset`: public logs, checked and loaded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
import pandas as pd

from workbench.cli.bars import bars
from workbench.cli.load import sentence
from workbench.cli.options import Talk, open_for_writing, store_option, talk
from workbench.cli.output import say, write_json, write_table
from workbench.cli.texts import help_text
from workbench.clock import prepare_clocks
from workbench.i18n import t
from workbench.intake.datasets import add_dataset, datasets


@click.group(help=help_text("dataset.help"))
def dataset() -> None:
    """The dataset commands."""


@dataset.command("list", help=help_text("dataset.list.help"))
@talk
def list_(talk: Talk) -> None:
    """The registry."""
    known = [asdict(one) for one in datasets().values()]
    if talk.json:
        write_json({"datasets": known})
    else:
        table = pd.DataFrame(known)
        table["verifiable"] = table["sha256"] != ""
        columns = ["name", "title", "doi", "file", "dossiers", "events", "verifiable"]
        write_table(table, talk.language, columns=columns)


@dataset.command(help=help_text("dataset.add.help"))
@click.argument("name")
@click.option("--file", "file", required=True, type=click.Path(path_type=Path), help=help_text("dataset.add.file"))
@click.option("--unverified", is_flag=True, help=help_text("dataset.add.unverified"))
@store_option
@talk
def add(name: str, file: Path, unverified: bool, store_path: Path, talk: Talk) -> None:
    """Check a local copy and load it."""
    with open_for_writing(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        report = add_dataset(store, name, file, now=datetime.now(), unverified=unverified, progress=progress)
        if report.load_id is not None:
            prepare_clocks(store, progress=progress)
    if not datasets()[name].sha256:
        say(t(talk.language, "cli.dataset.add.unchecked"))
    if talk.json:
        write_json(report)
    else:
        say(sentence(report, talk.language))
