"""`workbench vocabulary`: step names proposed, reviewed in a file, put in force, undone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from workbench.cli.options import Talk, open_for_reading, open_for_writing, selection_options, store_option, talk
from workbench.cli.output import say, write_json, write_table
from workbench.cli.texts import help_text
from workbench.harmonise.vocabulary.canonical_steps import published_steps
from workbench.harmonise.vocabulary.review import apply_with_effect, read_review, write_review
from workbench.harmonise.vocabulary.vocabulary import propose_vocabulary
from workbench.i18n import format_number, t
from workbench.selection import Selection
from workbench.store.vocabulary import read_vocabulary, undo_vocabulary


@click.group(help=help_text("vocabulary.help"))
def vocabulary() -> None:
    """The vocabulary commands."""


@vocabulary.command(help=help_text("vocabulary.propose.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--out", type=click.Path(path_type=Path), default=None, help=help_text("vocabulary.propose.out"))
@talk
def propose(store_path: Path, selection: Selection, out: Path | None, talk: Talk) -> None:
    """Proposals for the labels of a procedure."""
    with open_for_reading(store_path) as store:
        store.check(selection)
        found = propose_vocabulary(store, selection, known=published_steps(store, selection))
    if out is not None:
        write_review(found, out)
    if talk.json:
        write_json(found.rows())
    else:
        write_table(found.proposals, talk.language)


@vocabulary.command(help=help_text("vocabulary.apply.help"))
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@store_option
@click.option("--reviewer", required=True, help=help_text("vocabulary.apply.reviewer"))
@talk
def apply(file: Path, store_path: Path, reviewer: str, talk: Talk) -> None:
    """Put the decisions of a review file in force."""
    now = datetime.now()
    judgements = read_review(file, reviewer=reviewer, now=now)
    with open_for_writing(store_path) as store:
        done = apply_with_effect(store, judgements, now=now)
    if talk.json:
        write_json(done.to_dict())
    else:
        numbers = {"lines": done.lines, "before": done.variants_before, "after": done.variants_after}
        shown = {name: format_number(value, talk.language) for name, value in numbers.items()}
        say(t(talk.language, "cli.vocabulary.apply.done", **shown))


@vocabulary.command("list", help=help_text("vocabulary.list.help"))
@store_option
@talk
def list_(store_path: Path, talk: Talk) -> None:
    """The judgements in force."""
    with open_for_reading(store_path) as store:
        table = read_vocabulary(store)
    if talk.json:
        write_json(table)
    else:
        write_table(table, talk.language)


@vocabulary.command(help=help_text("vocabulary.undo.help"))
@store_option
@talk
def undo(store_path: Path, talk: Talk) -> None:
    """Take the latest change back."""
    with open_for_writing(store_path) as store:
        change = undo_vocabulary(store)
    if talk.json:
        write_json({"change": change})
    elif change is None:
        say(t(talk.language, "cli.vocabulary.undo.nothing"))
    else:
        say(t(talk.language, "cli.vocabulary.undo.done", change=change))
