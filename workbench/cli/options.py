"""Options the commands share, declared once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from workbench.cli.engines import chosen_cluster, open_cluster, refuse_cluster
from workbench.cli.texts import help_text, language, speak
from workbench.errors import SettingError
from workbench.i18n import Language
from workbench.selection import Selection
from workbench.settings import load_settings
from workbench.store import LogStore, open_store

P = ParamSpec("P")
R = TypeVar("R")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Talk:
    """How a command speaks: language, JSON or tables, bars or silence."""

    language: Language
    json: bool
    quiet: bool


def talk(command: Callable[..., R]) -> Callable[..., R]:
    """Adds --json, --quiet and --language; the command gets them as `talk`."""

    @click.option("--json", "as_json", is_flag=True, help=help_text("option.json"))
    @click.option("--quiet", is_flag=True, help=help_text("option.quiet"))
    @click.option(
        "--language", "spoken", type=click.Choice(["vi", "en"]), default=None, help=help_text("option.language")
    )
    @functools.wraps(command)
    def wrapped(*args: Any, as_json: bool, quiet: bool, spoken: Language | None, **rest: Any) -> R:
        speak(spoken)
        return command(*args, talk=Talk(language(), as_json, quiet), **rest)

    return wrapped


def store_option(command: Callable[..., R]) -> Callable[..., R]:
    """Adds --store."""
    return click.option(
        "--store", "store_path", required=True, type=click.Path(path_type=Path), help=help_text("option.store")
    )(command)


def selection_options(*, procedure_required: bool = False) -> Decorator:
    """Adds the options that choose dossiers; the command gets them as `selection`."""

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        @click.option("--procedure", required=procedure_required, help=help_text("option.procedure"))
        @click.option("--province", "provinces", multiple=True, help=help_text("option.province"))
        @click.option("--agency", "agencies", multiple=True, help=help_text("option.agency"))
        @click.option("--unit", "units", multiple=True, help=help_text("option.unit"))
        @click.option("--channel", "channels", multiple=True, help=help_text("option.channel"))
        @click.option("--from", "start", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help=help_text("option.from"))
        @click.option("--to", "end", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help=help_text("option.to"))
        @click.option("--closed/--open", "closed", default=None, help=help_text("option.closed"))
        @functools.wraps(command)
        def wrapped(*args: Any, **given: Any) -> R:
            chosen = Selection(
                procedure=given.pop("procedure"),
                provinces=given.pop("provinces"),
                agencies=given.pop("agencies"),
                units=given.pop("units"),
                channels=given.pop("channels"),
                start=_day(given.pop("start")),
                end=_day(given.pop("end")),
                closed=given.pop("closed"),
            )
            return command(*args, selection=chosen, **given)

        return wrapped

    return decorate


def named_values(pairs: Iterable[str], option: str) -> dict[str, str]:
    """NAME=VALUE texts of an option as a dictionary."""
    out = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise SettingError(f"{option} {text!r} is not NAME=VALUE.", fix=f"Write it as {option} NAME=VALUE.")
        out[name.strip()] = value.strip()
    return out


def open_for_reading(path: Path) -> LogStore:
    """The store at `path`, which must exist, opened read-only; or the log of the cluster the command names."""
    if (cluster := chosen_cluster()) is not None:
        return open_cluster(cluster)
    return open_store(path, read_only=True, **engine_options())


def open_for_writing(path: Path) -> LogStore:
    """The store at `path`, made when it does not exist."""
    refuse_cluster()
    return open_store(path, **engine_options())


def engine_options() -> dict[str, Any]:
    """Memory and threads of DuckDB, from the settings."""
    settings = load_settings()
    return {"memory_limit": str(settings["memory_limit"]), "threads": int(settings["threads"])}


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.date()
