"""`workbench synth`: the synthetic national log."""

from __future__ import annotations

from pathlib import Path

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, talk
from workbench.cli.output import say, write_json
from workbench.cli.texts import help_text
from workbench.i18n import format_number, t
from workbench.simulate import load_scenario, synthesise


@click.command(help=help_text("synth.help"))
@click.option("--dossiers", type=click.IntRange(min=1), required=True, help=help_text("synth.dossiers"))
@click.option("--seed", type=int, default=1, show_default=True, help=help_text("synth.seed"))
@click.option("--out", type=click.Path(path_type=Path), required=True, help=help_text("synth.out"))
@click.option("--scenario", type=click.Path(path_type=Path, exists=True), help=help_text("synth.scenario"))
@click.option("--no-deviations", is_flag=True, help=help_text("synth.no_deviations"))
@click.option("--noise", type=click.FloatRange(min=0), default=1.0, show_default=True, help=help_text("synth.noise"))
@talk
def synth(
    *, dossiers: int, seed: int, out: Path, scenario: Path | None, no_deviations: bool, noise: float, talk: Talk
) -> None:
    """Write a synthetic log and its truth."""
    with bars(talk.language, quiet=talk.quiet) as progress:
        report = synthesise(
            load_scenario(scenario),
            dossiers=dossiers,
            seed=seed,
            out=out,
            deviations=not no_deviations,
            noise=noise,
            progress=progress,
        )
    if talk.json:
        write_json(report)
    else:
        say(
            t(
                talk.language,
                "cli.synth.done",
                dossiers=format_number(report.dossiers, talk.language),
                events=format_number(report.events, talk.language),
                out=out,
            )
        )
