"""Where a command finds the log it reads: a store file, or Parquet files on a Spark cluster."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workbench.cli.texts import help_text
from workbench.errors import SettingError, StoreError
from workbench.progress import Progress, silent
from workbench.settings import Settings, load_settings
from workbench.store import LogStore
from workbench.store.spark.session import parse_options

if TYPE_CHECKING:
    from workbench.intake.cluster import Prepared

R = TypeVar("R")
_META = "workbench.engine"
ENGINES = ("duckdb", "spark")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A log on a Spark cluster."""

    folder: str
    master: str
    options: Mapping[str, str]
    work: str | None


class LogAddress(click.Path):
    """A path, or an address of the cluster's storage, which stays as it was written."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value as a path; the text itself is remembered."""
        if ctx is not None:
            _given(ctx)["folder"] = str(value)
        return super().convert(value, param, ctx)


def log_option(command: Callable[..., R]) -> Callable[..., R]:
    """Adds --store, --engine, --master and --spark-option: the log a command reads."""

    def remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value:
            _given(ctx)[str(param.name)] = value

    add = [
        click.option(
            "--store",
            "store_path",
            required=True,
            type=LogAddress(path_type=Path),
            help=help_text("option.store"),
        ),
        click.option(
            "--engine",
            type=click.Choice(ENGINES),
            callback=remember,
            expose_value=False,
            help=help_text("option.engine"),
        ),
        click.option("--master", callback=remember, expose_value=False, help=help_text("option.master")),
        click.option(
            "--spark-option",
            "spark_options",
            multiple=True,
            metavar="KEY=VALUE",
            callback=remember,
            expose_value=False,
            help=help_text("option.spark_option"),
        ),
    ]
    for option in reversed(add):
        command = option(command)
    return command


def _given(ctx: click.Context) -> dict[str, Any]:
    found: dict[str, Any] = ctx.meta.setdefault(_META, {})
    return found


def chosen_cluster(settings: Settings | None = None) -> Cluster | None:
    """The cluster the present command, or else the settings, ask for; None for a store file."""
    ctx = click.get_current_context(silent=True)
    given = _given(ctx) if ctx is not None else {}
    known = settings or load_settings()
    if str(given.get("engine") or known["engine"]) != "spark":
        if given.get("master"):
            raise SettingError("--master is given without --engine spark.", fix="Add --engine spark, or leave it out.")
        return None
    master = str(given.get("master") or known["spark_master"])
    if not master:
        raise SettingError(
            "No Spark master is given.", fix="Add --master, e.g. --master spark://HOST:7077 or --master local[4]."
        )
    options = parse_options([*shlex.split(str(known["spark_options"])), *given.get("spark_options", ())])
    return Cluster(str(given.get("folder", "")), master, options, str(known["spark_work"]) or None)


def open_cluster(cluster: Cluster, *, progress: Progress = silent) -> LogStore:
    """The log of a cluster, prepared if it is not yet."""
    return prepare_cluster(cluster, progress=progress)[0]


def prepare_cluster(cluster: Cluster, *, progress: Progress = silent) -> tuple[LogStore, Prepared]:
    """The same, with what was done."""
    from workbench.intake.cluster import prepare_cluster_log

    return prepare_cluster_log(
        cluster.folder,
        cluster.master,
        options=cluster.options,
        work=cluster.work,
        now=datetime.now(),
        progress=progress,
    )


def refuse_cluster() -> None:
    """Raise StoreError when the present command writes and the log is on a cluster."""
    if chosen_cluster() is not None:
        raise StoreError(
            "A log on a Spark cluster is only read.", fix="Leave --engine spark out and name a store file."
        )
