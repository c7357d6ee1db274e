"""`workbench demo`: the whole way on a synthetic country."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.harmonise import write_harmonisation_of
from workbench.cli.options import Talk, open_for_reading, open_for_writing, talk
from workbench.cli.output import say
from workbench.cli.serve import run as serve_store
from workbench.cli.texts import help_text
from workbench.clock import prepare_clocks
from workbench.i18n import format_number, t
from workbench.intake import load as load_sources
from workbench.mining.dfg import discover_dfg
from workbench.mining.variants import variants
from workbench.selection import Selection
from workbench.simulate import load_scenario, synthesise
from workbench.store import LogStore

PROCEDURE = "1.012783"


@click.command(help=help_text("demo.help"))
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help=help_text("demo.dir"),
)
@click.option(
    "--dossiers", type=click.IntRange(min=100), default=60_000, show_default=True, help=help_text("demo.dossiers")
)
@click.option("--seed", type=int, default=1, show_default=True, help=help_text("option.seed"))
@click.option("--host", default=None, help=help_text("serve.host"))
@click.option("--port", type=int, default=None, help=help_text("serve.port"))
@click.option("--no-serve", is_flag=True, help=help_text("demo.no_serve"))
@talk
def demo(
    *, folder: Path, dossiers: int, seed: int, host: str | None, port: int | None, no_serve: bool, talk: Talk
) -> None:
    """Make, load, mine, harmonise, serve; what is there already is used again."""
    log, store_path, out = folder / "log", folder / "country.duckdb", folder / "harmonised"
    _make(log, dossiers, seed, talk)
    _load(log, store_path, talk)
    with open_for_reading(store_path) as store:
        _mine(store, talk)
    _harmonise(store_path, out, talk)
    if not no_serve:
        say(t(talk.language, "cli.demo.serve"))
        serve_store(store_path, host, port)


def _make(log: Path, dossiers: int, seed: int, talk: Talk) -> None:
    if (log / "truth.json").exists():
        say(t(talk.language, "cli.demo.kept", path=log))
        return
    say(t(talk.language, "cli.demo.synth", dossiers=format_number(dossiers, talk.language)))
    with bars(talk.language, quiet=talk.quiet) as progress:
        synthesise(load_scenario(None), dossiers=dossiers, seed=seed, out=log, progress=progress)


def _load(log: Path, store_path: Path, talk: Talk) -> None:
    say(t(talk.language, "cli.demo.load", store=store_path))
    with open_for_writing(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        report = load_sources(store, [log], now=datetime.now(), progress=progress)
        if report.load_id is not None:
            prepare_clocks(store, progress=progress)


def _mine(store: LogStore, talk: Talk) -> None:
    say(t(talk.language, "cli.demo.mine"))
    chosen = Selection(procedure=PROCEDURE)
    graph, found = discover_dfg(store, chosen), variants(store, chosen)
    say(
        t(
            talk.language,
            "cli.demo.mined",
            edges=format_number(len(graph.edges), talk.language),
            variants=format_number(len(found.table), talk.language),
            dossiers=format_number(graph.basis.n_dossiers, talk.language),
        )
    )


def _harmonise(store_path: Path, out: Path, talk: Talk) -> None:
    if (out / "evaluation.json").exists():
        say(t(talk.language, "cli.demo.kept", path=out))
        return
    say(t(talk.language, "cli.demo.harmonise", procedure=PROCEDURE))
    write_harmonisation_of(
        store_path, Selection(procedure=PROCEDURE), out, by="province_code", seconds=60, seed=1, talk=talk
    )
