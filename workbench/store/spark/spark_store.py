"""The handle on one log on a Spark cluster, with the read side of LogStore.

Dossiers, events, pauses and variants are Parquet on the cluster's storage. What is small (labels, calendars, published
processes, step names on trial) is kept in a database in memory and goes along with the questions that need it.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import sqlglot as sg

from workbench.errors import SelectionError, StoreError
from workbench.progress import Progress, silent
from workbench.store import schema
from workbench.store.log_store import LogStore
from workbench.store.spark.engine import Engine
from workbench.store.spark.prepared import BIG

ON_CLUSTER = frozenset((*BIG, "clock_verdict", "summary_clock"))
_ABSENT = (*BIG, "summary_edge", "summary_step", "summary_quantile")
"""Tables of a store file that the database in memory must not have: an empty one would answer wrongly."""
_names = itertools.count(1)


def small_database() -> duckdb.DuckDBPyConnection:
    """A database in memory with the small tables of a store."""
    con = duckdb.connect()
    schema.create(con)
    for name in _ABSENT:
        con.execute(f"drop table {schema.quote(name)}")
    con.execute("create table label_pair (province_code varchar, activity_id integer)")
    return con


class SparkStore(LogStore):
    """One prepared log on a cluster; it is only read."""

    slow = True
    has_summaries = False
    organisations = "select distinct province_code from label_pair"

    def __init__(
        self, engine: Engine, source: str, key: str, con: duckdb.DuckDBPyConnection, *, progress: Progress = silent
    ) -> None:
        """`source` is the folder of the log, `key` the fingerprint of what was prepared; `con` the small tables.

        The views `wb_<key>_<table>` of the session hold the big ones.
        """
        self.path = Path(source)
        self.read_only = True
        self.source = source
        self.engine = engine
        self.con = con
        self.key = key
        self.trial: str | None = None
        self.progress = progress
        """Told of the cluster's tasks while a question is answered; may stop it."""
        self._sent: dict[str, ir.Table] = {}
        self._sent_for: str | None = None

    def cursor(self) -> SparkStore:
        """A second handle, for another thread."""
        made = SparkStore(self.engine, self.source, self.key, self.con.cursor())
        made.memory = self.memory
        return made

    def close(self) -> None:
        """Let the small tables go; the session stays for the process."""
        self.con.close()

    def __repr__(self) -> str:
        return f"<SparkStore {self.source} on {self.engine.session.sparkContext.master}>"

    # asking ---------------------------------------------------------------------------------------------
    def table(self, name: str) -> ir.Table:
        """A table of the store as an Ibis expression."""
        if name in ON_CLUSTER:
            return self.engine.backend.table(f"wb_{self.key}_{name}")
        if self._sent_for != self.trial:
            self._sent.clear()
            self._sent_for = self.trial
        if name not in self._sent:
            rows = self.con.sql(f"select * from {schema.quote(name)}").to_arrow_table()
            self._sent[name] = self.engine.small(f"wb_{self.key}_{name}_{next(_names)}", rows)
        return self._sent[name]

    def fetch(self, expression: ir.Expr) -> Any:
        """The rows of an Ibis expression."""
        return self.engine.fetch(expression, self.progress)

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The rows of an Ibis expression as an Arrow table."""
        return self.engine.arrow(expression, self.progress)

    def hold(self, expression: ir.Table) -> ir.Table:
        """The rows, computed now and kept by the executors: Spark plans an expression anew wherever it is named."""
        frame = self.engine.frame(expression)
        held = self.engine.watched(lambda: frame.localCheckpoint(eager=True), self.progress)
        return self.engine.view(f"wb_{self.key}_held_{next(_names)}", held)

    @contextlib.contextmanager
    def watched_by(self, progress: Progress) -> Iterator[None]:
        """Inside, the cluster's tasks are reported to `progress`, which may stop them."""
        before, self.progress = self.progress, progress
        try:
            yield
        finally:
            self.progress = before

    def sql(self, text: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a SQL text over the small tables, or of a plain one over the big ones.

        A text in DuckDB's dialect that Spark cannot answer raises StoreError.
        """
        if not self._asks_cluster(text):
            return self.con.execute(text, parameters).df()
        if parameters:
            raise _unanswered(text)
        for node in (tree := sg.parse_one(text, read="duckdb")).find_all(sg.exp.Table):
            if node.name in ON_CLUSTER:
                node.set("this", sg.to_identifier(f"wb_{self.key}_{node.name}"))
            elif node.name:
                node.set("this", sg.to_identifier(self.table(node.name).get_name()))
        try:
            frame = self.engine.session.sql(tree.sql(dialect="spark"))
        except Exception as exc:
            raise _unanswered(text) from exc
        found: pd.DataFrame = self.engine.watched(frame.toArrow, self.progress).to_pandas()
        return found

    def scalar(self, text: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Any:
        """The first value of the first row, or None."""
        if not self._asks_cluster(text):
            rows = self.con.execute(text, parameters).fetchall()
            return rows[0][0] if rows else None
        found = self.sql(text, parameters)
        value = found.iat[0, 0] if len(found) else None
        return value.item() if isinstance(value, np.generic) else value

    def _asks_cluster(self, text: str) -> bool:
        tables = {node.name for node in sg.parse_one(text, read="duckdb").find_all(sg.exp.Table)}
        return bool(tables & ON_CLUSTER)

    def _known(self, column: str, values: Sequence[str]) -> None:
        d = self.table("dossier")
        counted = d.group_by(value=d[column]).aggregate(n=d.count())
        have = self.fetch(counted.order_by(ibis.desc("n"), "value"))["value"].tolist()
        for value in values:
            if value not in have:
                shown = ", ".join(str(item) for item in have[:20])
                raise SelectionError(
                    f"The store has no {column} {value!r}.",
                    fix=f"Choose one of: {shown}." if have else "Load a log first.",
                    column=column,
                    value=value,
                    choices=have[:200],
                )

    def version(self) -> str:
        """A short text that changes with the files, the calendars or a vocabulary on trial."""
        return hashlib.sha256(repr((self.key, self.trial)).encode()).hexdigest()[:12]


def _unanswered(text: str) -> StoreError:
    return StoreError(
        "This question is answered by a store file only, not on Spark.",
        fix="Load the selection you need into a store file and ask it there.",
        query=text[:200],
    )
