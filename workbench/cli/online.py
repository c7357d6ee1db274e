"""`workbench online`: what keeps a procedure from full online service."""

from __future__ import annotations

import tomllib
from pathlib import Path

import click

from workbench.cli.options import Talk, open_for_reading, selection_options, store_option, talk
from workbench.cli.output import say, write_basis, write_json, write_table
from workbench.cli.texts import help_text
from workbench.errors import SettingError
from workbench.harmonise.recommendation.online_readiness import OnlineReadiness, online_readiness
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import format_number, t
from workbench.selection import Selection


@click.command(help=help_text("online.help"))
@store_option
@selection_options(procedure_required=True)
@click.option("--by", default="province_code", show_default=True, help=help_text("option.by"))
@click.option("--papers", "file", type=click.Path(path_type=Path), default=None, help=help_text("online.papers"))
@talk
def online(store_path: Path, selection: Selection, by: str, file: Path | None, talk: Talk) -> None:
    """Barriers, steps at the desk, papers."""
    papers = None if file is None else read_papers(file)
    with open_for_reading(store_path) as store:
        store.check(selection)
        with canonical_steps(store, selection) as state:
            found = online_readiness(store, selection, by=by, papers=papers)
    if talk.json:
        write_json({**found.to_dict(), "vocabulary": state, "selection": selection.to_dict()})
        return
    _write(found, talk)


def read_papers(path: Path) -> dict[str, str | None]:
    """Papers from a TOML file of `"name of the paper" = "national database"`, empty where none holds it."""
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingError(
            f"{path} holds no list of papers: {exc}.", fix='Write lines like "Căn cước" = "CSDL dân cư" in TOML.'
        ) from exc
    return {str(name): str(database) or None for name, database in given.items()}


def _write(found: OnlineReadiness, talk: Talk) -> None:
    language = talk.language
    table = found.barriers.assign(
        barrier=[t(language, f"harmonise.online.barrier.{b}") for b in found.barriers["barrier"]]
    )
    write_table(table, language, title=t(language, "cli.online.barriers"))
    if found.fully_online is not None:
        share, low, high = (
            format_number((value or 0.0) * 100, language, 1)
            for value in (found.fully_online, found.fully_online_low, found.fully_online_high)
        )
        click.echo(t(language, "cli.online.done", share=share, low=low, high=high))
    if len(found.desk_steps):
        write_table(found.desk_steps, language, title=t(language, "cli.online.desk_steps"))
    if len(found.papers):
        write_table(found.papers, language, title=t(language, "cli.online.papers_title"))
    for gap in found.gaps:
        say(t(language, f"harmonise.online.gap.{gap}"))
    write_basis(found.basis, language)
