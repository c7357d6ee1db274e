"""`workbench quality`: what can be trusted in a store."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.options import Talk, open_for_reading, store_option, talk
from workbench.cli.output import write_json, write_table
from workbench.cli.texts import help_text
from workbench.i18n import t
from workbench.intake.quality import quality as quality_report


@click.command(help=help_text("quality.help"))
@store_option
@talk
def quality(store_path: Path, talk: Talk) -> None:
    """The quality report of a store."""
    with open_for_reading(store_path) as store:
        report = quality_report(store)
    if talk.json:
        write_json(report)
        return
    for name in ("loads", "quarantine", "artefacts", "checks", "sync_gaps"):
        frame = getattr(report, name)
        write_table(frame, talk.language, title=t(talk.language, f"cli.quality.{name}"))
