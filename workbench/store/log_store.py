"""The handle on one store file."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from workbench.columns import CODES
from workbench.errors import SelectionError, StoreError, StoreLocked
from workbench.progress import Progress
from workbench.results import Basis
from workbench.selection import Selection
from workbench.store import filters, schema
from workbench.store.compiled import Shapes

_T = TypeVar("_T")
_CLOSE_TRIES = 100
_SELECTIONS = 8
"""Selections whose dossiers are kept as expressions: steps about one selection ask for them again and again."""


def open_store(path: str | Path, *, read_only: bool = False, memory_limit: str = "6GB", threads: int = 0) -> LogStore:
    """The store in the file `path`, made when it does not exist (unless `read_only`).

    Raises StoreLocked when another process writes to it, StoreError when it is not a store.
    """
    return LogStore(Path(path), read_only=read_only, memory_limit=memory_limit, threads=threads)


class LogStore:
    """One store file: Ibis tables to ask, SQL for the store's own hot paths.

    A LogStore is not shared between threads; `cursor()` gives one for another thread.
    """

    slow = False
    """Whether a question takes seconds, so that pages answer it in the background."""
    has_summaries = True
    """Whether the tables of store/summary.py are kept."""
    organisations = "select distinct province_code from summary_step"
    """SQL for the organisations that have events."""
    tried: tuple[Hashable, str] | None = None
    """The vocabulary whose trial is prepared on this handle, and its key (store/trial.py)."""
    memory: Callable[[Hashable, Callable[[], Any]], Any] | None = None
    """Where answers that many steps ask for are kept; nowhere unless somebody says so."""

    at_hand: Callable[[Hashable, Callable[[], Any]], Any] | None = None
    """Where large tables are kept for a moment, while several steps about one selection ask for them."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        memory_limit: str = "6GB",
        threads: int = 0,
        _con: duckdb.DuckDBPyConnection | None = None,
        _tables: dict[str, ops.Node] | None = None,
        _shapes: Shapes | None = None,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self.con = _con if _con is not None else _connect(path, read_only, memory_limit, threads)
        if _con is None:
            if not read_only and not self._has_tables():
                schema.create(self.con)
            schema.check_version(self.con, str(path))
        self._shapes = Shapes() if _shapes is None else _shapes
        self._ibis = _backend(self.con, self._shapes)
        self._tables: dict[str, ops.Node] = {} if _tables is None else _tables
        self._own: dict[str, ir.Table] = {}
        self._chosen: dict[Selection, ir.Table] = {}
        self.trial: str | None = None
        """Key of the vocabulary on trial (store/trial.py), None outside a trial."""

    def _has_tables(self) -> bool:
        found = self.con.execute("select count(*) from information_schema.tables").fetchall()
        return bool(found[0][0])

    def cursor(self) -> LogStore:
        """A second handle on the same open file, for another thread."""
        made = LogStore(
            self.path, read_only=self.read_only, _con=self.con.cursor(), _tables=self._tables, _shapes=self._shapes
        )
        made.memory, made.at_hand = self.memory, self.at_hand
        return made

    def close(self) -> None:
        """Close the file; what another thread still asks of this handle is stopped first."""
        for _ in range(_CLOSE_TRIES):
            try:
                self.con.close()
                return
            except duckdb.ResourceInUseException:
                with contextlib.suppress(duckdb.ConnectionException):  # what was asked has ended, the handle with it
                    self.con.interrupt()
                time.sleep(0.05)
        self.con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<LogStore {self.path}>"

    # asking ---------------------------------------------------------------------------------------------
    def table(self, name: str) -> ir.Table:
        """A table of the store as an Ibis expression."""
        if name not in self._tables:  # reading a table's columns takes longer than many a question
            self._tables[name] = self._ibis.table(name).op()
        if name not in self._own:  # an expression keeps what was once found out about its columns
            self._own[name] = self._tables[name].copy(source=self._ibis).to_expr()
        return self._own[name]

    def dossiers(self, selection: Selection | None = None) -> ir.Table:
        """The dossiers of a selection."""
        chosen = selection or Selection()
        if self.slow or chosen.steps or chosen.units:
            return filters.dossiers(self, chosen)
        if chosen not in self._chosen:
            while len(self._chosen) >= _SELECTIONS:
                self._chosen.pop(next(iter(self._chosen)))
            self._chosen[chosen] = filters.dossiers(self, chosen)
        return self._chosen[chosen]

    def events(self, selection: Selection | None = None, *, steps: bool = True, every: int = 1) -> ir.Table:
        """The chained events of a selection with `step_id`, `next_step_id` beside the activity ids.

        Events left out of the chain (artefacts) are not here. With `steps` False, or while no vocabulary is
        in force, the step ids are the activity ids. With `every` k only the events of every k-th dossier are there.
        """
        return filters.events(self, selection or Selection(), steps=steps, every=every)

    def fetch(self, expression: ir.Expr) -> pd.DataFrame:
        """The rows of an Ibis expression."""
        return self._ibis.execute(expression)

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The rows of an Ibis expression as an Arrow table."""
        return self._ibis.to_pyarrow(expression)

    def sql(self, text: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a SQL text; values go in by parameters only."""
        return self.con.execute(text, parameters).df()

    def scalar(self, text: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Any:
        """The first value of the first row, or None."""
        rows = self.con.execute(text, parameters).fetchall()  # DuckDB 2.0: fetchone() leaves the result open
        return rows[0][0] if rows else None

    def labels(self) -> dict[int, str]:
        """Activity and step ids with their labels."""
        return dict(self.con.execute("select activity_id, label from activity").fetchall())

    def hold(self, expression: ir.Table) -> ir.Table:
        """The same rows; a store that would compute what an expression names twice as often may compute them now."""
        return expression

    @contextlib.contextmanager
    def watched_by(self, progress: Progress) -> Iterator[None]:
        """Inside, the tasks of a store's cluster are reported to `progress`, which may stop them."""
        yield

    def has_vocabulary(self) -> bool:
        """Whether reviewed step names are in force."""
        return bool(self.scalar("select exists (select 1 from step_map)"))

    def basis(self, selection: Selection | None = None, **facts: Any) -> Basis:
        """The basis of a figure about `selection`."""
        chosen = selection or Selection()
        version = self.version()
        known = self.recall(("extent", version, repr(chosen)), lambda: (*self._extent(chosen), self.synthetic()))
        n, events, period, synthetic = known
        return Basis(
            n_dossiers=n,
            n_events=events,
            selection=chosen.to_dict(),
            period=period,
            store_version=version,
            synthetic=synthetic,
            **facts,
        )

    def _extent(self, selection: Selection) -> tuple[int, int, tuple[str, str] | None]:
        """Dossiers, events, first and last day of receipt of a selection."""
        d = self.dossiers(selection)
        row = self.fetch(
            d.aggregate(n=d.count(), e=d.event_count.sum(), a=d.received_at.min(), b=d.received_at.max())
        ).iloc[0]
        period = None if pd.isna(row["a"]) else (f"{row['a']:%Y-%m-%d}", f"{row['b']:%Y-%m-%d}")
        return int(row["n"]), 0 if pd.isna(row["e"]) else int(row["e"]), period

    def recall(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, or gave under the same key where the owner of the store keeps answers (`memory`).

        A key names the version of the store.
        """
        return make() if self.memory is None else self.memory(key, make)

    def share(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What `make` gives, or gave a moment ago for another step about the same selection (`at_hand`).

        It depends on the key and the loads alone, and nobody changes it.
        """
        if self.at_hand is None:
            return make()
        found: _T = self.at_hand((key, self.version()), make)
        return found

    def synthetic(self) -> bool:
        """Whether a synthetic log was loaded into the store."""
        return bool(self.scalar("select exists (select 1 from meta where key = 'synthetic')"))

    def check(self, selection: Selection) -> None:
        """Raise SelectionError when the selection names what the store lacks: a procedure, an organisation, a channel, …"""
        if selection.procedure is not None:
            self._known("procedure_code", [selection.procedure])
        for name, column in filters.DOSSIER_LISTS.items():
            if values := getattr(selection, name):
                self._known(column, values)

    def _known(self, column: str, values: Sequence[str]) -> None:
        name = schema.quote(column)
        for value in values:
            if value in CODES.get(column, ()) or self.scalar(
                f"select exists (select 1 from dossier where {name} = ?)", [value]
            ):
                continue
            counted = f"select {name}, count(*) from dossier where {name} is not null group by 1 order by 2 desc, 1"
            have = [row[0] for row in self.con.execute(counted).fetchall()]
            if have:
                fix = f"Choose one of: {', '.join(str(item) for item in have[:20])}."
            else:
                fix = "Load a log first." if not self.scalar("select count(*) from dossier") else "Leave it out."
            raise SelectionError(
                f"The store has no {column} {value!r}.", fix=fix, column=column, value=value, choices=have[:200]
            )

    def version(self) -> str:
        """A short text that changes whenever a load, a retraction or a vocabulary changes the answers."""
        rows = self.con.execute(
            "select 'load', load_id::varchar, status from load union all "
            "select 'meta', key, value from meta where key in ('vocabulary_version', 'prepared_version') order by all"
        ).fetchall()
        return hashlib.sha256(repr((rows, self.trial)).encode()).hexdigest()[:12]


def _backend(con: duckdb.DuckDBPyConnection, shapes: Shapes) -> Any:
    """Ibis over a connection, with the SQL of every shape compiled once."""
    backend = ibis.duckdb.from_connection(con)
    compile_ = backend.compile

    def compiled(expr: ir.Expr, /, *, limit: Any = None, params: Any = None, pretty: bool = False) -> str:
        if limit is not None or params or pretty:
            return str(compile_(expr, limit=limit, params=params, pretty=pretty))
        return shapes.sql(backend, expr, compile_)

    backend.compile = compiled
    return backend


def _connect(path: Path, read_only: bool, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    if read_only and not path.exists():
        raise StoreError(
            f"There is no store {path}.", fix="Make one with `workbench load FILE --store S`.", path=str(path)
        )
    if not path.parent.exists():
        raise StoreError(f"The folder {path.parent} does not exist.", fix="Create it first.", path=str(path))
    if path.is_file() and path.stat().st_size and not _is_duckdb(path):
        # DuckDB opens a CSV or Parquet file as a passing view of it, and what is written there is lost.
        raise StoreError(
            f"{path} is a file of another kind, not a store.", fix="Name a store file or a new file.", path=str(path)
        )
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads:
        config["threads"] = threads
    try:
        return duckdb.connect(str(path), read_only=read_only, config=config)
    except duckdb.Error as exc:
        if "lock" in str(exc).lower():
            raise StoreLocked(
                f"Another process is writing to {path}." if read_only else f"Another process has {path} open.",
                fix="Wait until it is finished; several processes can only open it read-only.",
                path=str(path),
            ) from exc
        raise StoreError(
            f"{path} cannot be opened: {exc}", fix="Name a store file or a new file.", path=str(path)
        ) from exc


def _is_duckdb(path: Path) -> bool:
    """Whether the file carries DuckDB's magic bytes behind its checksum."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"
