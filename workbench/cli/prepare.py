"""`workbench prepare`: a log on a Spark cluster made ready for questions."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.engines import chosen_cluster, log_option, prepare_cluster
from workbench.cli.options import Talk, talk
from workbench.cli.output import say, write_json
from workbench.cli.texts import help_text
from workbench.errors import SettingError
from workbench.i18n import format_number, t


@click.command(help=help_text("prepare.help"))
@log_option
@talk
def prepare(store_path: Path, talk: Talk) -> None:
    """Prepare a log on a cluster."""
    cluster = chosen_cluster()
    if cluster is None:
        raise SettingError(
            f"{store_path} is a store file, which every load prepares.",
            fix="Add --engine spark --master … for a folder of Parquet files on a cluster.",
        )
    with bars(talk.language, quiet=talk.quiet) as progress:
        store, done = prepare_cluster(cluster, progress=progress)
        store.close()
    if talk.json:
        write_json(done)
        return
    numbers = {name: format_number(getattr(done, name), talk.language) for name in ("dossiers", "events")}
    say(t(talk.language, "cli.prepare.done", folder=done.folder, **numbers))
    if not done.fresh:
        say(t(talk.language, "cli.prepare.already"))
    if done.refused:
        reasons = ", ".join(f"{reason} {format_number(n, talk.language)}" for reason, n in done.refused.items())
        say(t(talk.language, "cli.prepare.refused", reasons=reasons))
