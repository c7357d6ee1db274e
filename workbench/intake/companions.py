"""What may lie beside a log and belongs to it: working calendars and published internal processes.

`calendars.toml` (the form of `workbench.clock.read_calendars`) is installed when the store has no calendar yet.
`internal_processes.json` (the form of `workbench/reference/reference_processes.json`) is kept in `internal_process`.
A `truth.json` that says `"synthetic": true` marks the store as synthetic for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.clock import install_calendars, read_calendars
from workbench.errors import FormatError
from workbench.store import LogStore

CALENDARS, PROCESSES, TRUTH = "calendars.toml", "internal_processes.json", "truth.json"


def folders_of(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """The folders given, and those that hold the files given, each once."""
    found = [path if path.is_dir() else path.parent for path in map(Path, paths)]
    return tuple(dict.fromkeys(folder for folder in found if folder.is_dir()))


def install_companions(store: LogStore, folders: Iterable[Path]) -> None:
    """Install calendars (into a store without any) and keep processes that lie beside a log.

    Raises SettingError or FormatError, naming the file, when one cannot be read; nothing of it is installed then.
    """
    for folder in folders:
        if (folder / CALENDARS).is_file() and not store.scalar("select exists (select 1 from calendar_day)"):
            install_calendars(store, read_calendars(folder / CALENDARS), prepare=False)
        if (folder / PROCESSES).is_file():
            _keep(store, _read(folder / PROCESSES), folder / PROCESSES)
        if (folder / TRUTH).is_file() and _says_synthetic(folder / TRUTH):
            store.con.execute("insert or replace into meta values ('synthetic', 'true')")


def _says_synthetic(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return '"synthetic": true' in file.read(4096)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        facts = json.loads(path.read_text("utf-8"))
        return [one for one in facts["processes"] if one.get("tthc") and one.get("steps")]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise FormatError(
            f"{path} does not hold published processes: {exc}.",
            fix="Take the file away, or write it as workbench/reference/reference_processes.json is written.",
            file=str(path),
        ) from exc


def _keep(store: LogStore, processes: list[dict[str, Any]], path: Path) -> None:
    rows = []
    for one in processes:
        name = "-".join(str(part) for part in (one.get("key") or one["tthc"], one.get("h") or "*"))
        rows += [
            (name, one["tthc"], one.get("h"), "1", int(step["no"]), str(step["task"]), step.get("unit"),
             step.get("days"), one.get("declared_days"), path.name)
            for step in one["steps"]
        ]  # fmt: skip
    if not rows:
        return
    _write(store, rows)


def keep_steps(store: LogStore, rows: Iterable[tuple[Any, ...]]) -> None:
    """Keep processes, a row a step: the columns of `internal_process`; those kept under the same ids are replaced."""
    _write(store, list(rows))


def _write(store: LogStore, rows: list[tuple[Any, ...]]) -> None:
    con = store.con
    con.execute("begin")
    try:
        con.executemany(
            "delete from internal_process where process_id = ? and version = '1'",
            [[name] for name in {r[0] for r in rows}],
        )
        con.executemany(
            "insert into internal_process (process_id, procedure_code, province_code, version, step_order, step, unit, "
            "limit_days, declared_days, source) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [list(row) for row in rows],
        )
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
