"""Results on stdout: JSON for machines, tables for people. Talk goes to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
import pandas as pd
from rich.console import Console
from rich.table import Table

from workbench.export.cells import cell_text, heading
from workbench.i18n import Language, format_date, format_number, t
from workbench.results import Basis, plain

MAX_ROWS = 40


def write_json(facts: Any) -> None:
    """`facts` as one JSON text on stdout."""
    click.echo(json.dumps(plain(facts), ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """A sentence for the person at the keyboard, on stderr."""
    click.echo(text, err=True)


def write_table(
    frame: pd.DataFrame,
    language: Language,
    *,
    title: str = "",
    columns: Sequence[str] | None = None,
    limit: int = MAX_ROWS,
) -> None:
    """The first rows of a table for people, its headings from the catalogue where they are there."""
    names = [name for name in (columns or list(frame.columns)) if name in frame.columns]
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name in names:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(heading(name, language), justify="right" if numeric else "left", overflow="fold")
    for row in frame[names].head(limit).itertuples(index=False):
        table.add_row(*(cell_text(value, language, name) for name, value in zip(names, row, strict=True)))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(table)
    if len(frame) > limit:
        console.print(t(language, "cli.more_rows", shown=limit, total=len(frame)))


def write_basis(basis: Basis, language: Language) -> None:
    """One line under a figure: dossiers, events, period and clock it rests on."""
    parts = [t(language, "cli.basis.dossiers", n=format_number(basis.n_dossiers, language))]
    if basis.n_events is not None:
        parts.append(t(language, "cli.basis.events", n=format_number(basis.n_events, language)))
    if basis.period:
        first, last = (format_date(pd.Timestamp(day), language) for day in basis.period)
        parts.append(t(language, "cli.basis.period", first=first, last=last))
    if basis.clock:
        named = ", ".join(t(language, f"cli.clock.{clock}") for clock in basis.clock.split(", "))
        parts.append(t(language, "cli.basis.clock", clock=named))
    if basis.synthetic:
        parts.append(t(language, "cli.basis.synthetic"))
    click.echo(" · ".join(parts))
