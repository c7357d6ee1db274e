"""`workbench glance`: what files say before they are loaded."""

from __future__ import annotations

import click
import pandas as pd

from workbench.cli.bars import bars
from workbench.cli.options import Talk, engine_options, named_values, talk
from workbench.cli.output import say, write_json, write_table
from workbench.cli.texts import help_text
from workbench.i18n import format_number, t
from workbench.intake.glance import Glance
from workbench.intake.glance import glance as look

_EDGES = ("source", "target", "count", "median_seconds", "p90_seconds")
_VARIANTS = ("rank", "variant", "count", "share", "median_seconds")


@click.command(help=help_text("glance.help"))
@click.argument("files", nargs=-1, required=True)
@click.option("--profile", help=help_text("load.profile"))
@click.option("--set", "constants", multiple=True, metavar="NAME=VALUE", help=help_text("load.set"))
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help=help_text("option.limit"))
@talk
def glance(files: tuple[str, ...], profile: str | None, constants: tuple[str, ...], limit: int, talk: Talk) -> None:
    """Graph, variants and durations of files that are not loaded."""
    with bars(talk.language, quiet=talk.quiet or talk.json) as progress:
        found = look(
            files,
            profile=profile,
            constants=named_values(constants, "--set"),
            limit=limit,
            **engine_options(),
            progress=progress,
        )
    if talk.json:
        write_json(found.to_dict())
        return
    _tables(found, talk, limit)


def _tables(found: Glance, talk: Talk, limit: int) -> None:
    for name, frame, columns in (("edges", found.edges, _EDGES), ("variants", found.variants, _VARIANTS)):
        write_table(frame, talk.language, title=t(talk.language, f"cli.glance.{name}"), columns=columns, limit=limit)
    at = found.durations.quantile([0.1, 0.5, 0.9])
    spread = pd.DataFrame({"p10_seconds": [at[0.1]], "median_seconds": [at[0.5]], "p90_seconds": [at[0.9]]})
    write_table(spread, talk.language, title=t(talk.language, "cli.glance.durations"))
    if len(found.refused):
        write_table(found.refused, talk.language, title=t(talk.language, "cli.glance.refused"))
    numbers = {"dossiers": found.n_dossiers, "events": found.n_events, "variants": found.n_variants}
    say(t(talk.language, "cli.glance.basis", **{k: format_number(v, talk.language) for k, v in numbers.items()}))
