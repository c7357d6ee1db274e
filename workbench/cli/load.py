"""`workbench load`, `loads`, `retract`: rows in, the ledger, rows out again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from workbench.cli.bars import bars
from workbench.cli.options import Talk, open_for_reading, open_for_writing, store_option, talk
from workbench.cli.output import say, write_json, write_table
from workbench.cli.texts import help_text
from workbench.clock import prepare_clocks
from workbench.errors import MappingError
from workbench.i18n import Language, format_number, t
from workbench.intake import load as load_sources
from workbench.intake import preview
from workbench.intake.load import LoadReport
from workbench.intake.personal import key_file
from workbench.sources import write_profile
from workbench.store.loading import retract as retract_load


@click.command(help=help_text("load.help"))
@click.argument("files", nargs=-1, required=True)
@store_option
@click.option("--profile", help=help_text("load.profile"))
@click.option("--save-profile", type=click.Path(path_type=Path), default=None, help=help_text("load.save_profile"))
@click.option("--set", "constants", multiple=True, metavar="NAME=VALUE", help=help_text("load.set"))
@click.option("--object-type", metavar="TYPE", help=help_text("load.object_type"))
@click.option("--table", "tables", multiple=True, metavar="NAME", help=help_text("load.table"))
@click.option("--watermark", metavar="COLUMN", help=help_text("load.watermark"))
@click.option("--full", is_flag=True, help=help_text("load.full"))
@click.option("--dry-run", is_flag=True, help=help_text("load.dry_run"))
@talk
def load(
    *,
    files: tuple[str, ...],
    store_path: Path,
    profile: str | None,
    save_profile: Path | None,
    constants: tuple[str, ...],
    object_type: str | None,
    tables: tuple[str, ...],
    watermark: str | None,
    full: bool,
    dry_run: bool,
    talk: Talk,
) -> None:
    """Load files or a live database into a store."""
    live: dict[str, Any] = {"tables": tables, "watermark": watermark, "full": full}
    settings = _settings(constants, object_type)
    if dry_run:
        write_json(preview(files, profile=profile, constants=settings, **live))
        return
    with (
        _no_empty_store(store_path),
        open_for_writing(store_path) as store,
        bars(talk.language, quiet=talk.quiet) as progress,
    ):
        report = load_sources(
            store, files, profile=profile, constants=settings, **live, now=datetime.now(), progress=progress
        )
        if report.load_id is not None:
            prepare_clocks(store, progress=progress)
    if save_profile is not None and report.profile is not None:
        write_profile(report.profile, save_profile)
    if talk.json:
        write_json(report)
    else:
        say(sentence(report, talk.language))


@contextmanager
def _no_empty_store(path: Path) -> Iterator[None]:
    """Takes a store away again that was made for a load that failed or was stopped."""
    was_there = path.exists()
    try:
        yield
    except BaseException:
        if not was_there:
            for left in (path, path.with_name(f"{path.name}.wal"), key_file(path)):
                left.unlink(missing_ok=True)
        raise


@click.command(help=help_text("loads.help"))
@store_option
@talk
def loads(store_path: Path, talk: Talk) -> None:
    """The ledger of loads."""
    with open_for_reading(store_path) as store:
        ledger = store.sql("select * exclude (profile) from load order by load_id")
        files = store.sql("select * from load_file order by load_id, path")
    if talk.json:
        write_json({"loads": ledger, "files": files})
    else:
        write_table(ledger, talk.language)
        write_table(files, talk.language)


@click.command(help=help_text("retract.help"))
@click.argument("load_id", type=int)
@store_option
@talk
def retract(load_id: int, store_path: Path, talk: Talk) -> None:
    """Take a load back."""
    with open_for_writing(store_path) as store, bars(talk.language, quiet=talk.quiet) as progress:
        report = retract_load(store, load_id, progress=progress)
        prepare_clocks(store, progress=progress)
    if talk.json:
        write_json(report)
    else:
        say(t(talk.language, "cli.retract.done", load_id=load_id))


def _settings(constants: tuple[str, ...], object_type: str | None) -> dict[str, str]:
    """What `--set` says, with the type of object that is the dossier."""
    said = dict(_constant(text) for text in constants)
    return said if object_type is None else {**said, "object_type": object_type}


def _constant(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise MappingError(f"--set {text!r} has no value.", fix="Write it as --set province=H01.", value=text)
    return name.strip(), value.strip()


def sentence(report: LoadReport, language: Language) -> str:
    """What a load did, in one sentence."""
    if report.load_id is None and not report.already:
        return t(language, "cli.load.calendar")
    if report.load_id is None:
        return t(language, "cli.load.already", loads=", ".join(str(item) for item in report.already))
    numbers = {
        name: format_number(getattr(report, name), language)
        for name in ("rows_in", "rows_loaded", "rows_quarantined", "rows_duplicate", "dossiers", "events")
    }
    return t(language, "cli.load.done", load_id=report.load_id, **numbers)
