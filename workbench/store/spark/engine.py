"""Ibis expressions on a Spark session: run, watched, stopped, and handed over as DuckDB's results are."""

from __future__ import annotations

import itertools
import os
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from workbench.errors import StoreError, WorkbenchError
from workbench.progress import Progress, silent
from workbench.store.spark.dialect import SparkCompiler

_POLL_SECONDS = 0.25
_numbers = itertools.count(1)


class Engine:
    """One session and its Ibis backend; may be shared by threads."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.backend = ibis.pyspark.connect(session)
        self.backend.compiler = SparkCompiler()
        self._lock = threading.Lock()

    # tables ----------------------------------------------------------------------------------------------
    def view(self, name: str, frame: Any) -> ir.Table:
        """A Spark data frame under a name of this session, as an Ibis table."""
        frame.createOrReplaceTempView(name)
        return self.backend.table(name)

    def small(self, name: str, rows: pa.Table) -> ir.Table:
        """A table of this process, sent to the cluster with every question that needs it."""
        return self.view(name, self.local(rows))

    def local(self, rows: pa.Table) -> Any:
        """A table of this process as a Spark data frame."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.session.createDataFrame(rows)

    def frame(self, expression: ir.Table) -> Any:
        """The expression as a Spark data frame, not yet run."""
        with self._lock:
            self._register(expression)
            text = str(self.backend.compile(expression))
        return self.session.sql(text)

    def _register(self, expression: ir.Expr) -> None:
        """Ibis's own way goes through pandas, row by row."""
        for node in expression.op().find(ops.InMemoryTable):
            self.small(node.name, node.data.to_pyarrow(node.schema))

    # answers ---------------------------------------------------------------------------------------------
    def arrow(self, expression: ir.Table, progress: Progress = silent) -> pa.Table:
        """The rows of an expression."""
        frame = self.frame(expression)
        found: pa.Table = self.watched(frame.toArrow, progress)
        # Spark's sums, rounds and parts of a time are wider than Ibis says.
        return found.cast(expression.schema().to_pyarrow())

    def fetch(self, expression: ir.Expr, progress: Progress = silent) -> Any:
        """What the expression stands for, with the types DuckDB's results have."""
        table = expression.as_table()
        return expression.__pandas_result__(_pandas(self.arrow(table, progress), table.schema()))

    def watched(self, work: Callable[[], Any], progress: Progress = silent) -> Any:
        """What `work` gives; meanwhile the finished tasks of its Spark jobs are reported, and a cancel ends them.

        Errors of Spark become StoreError.
        """
        group = f"workbench-{os.getpid()}-{next(_numbers)}"
        context = self.session.sparkContext

        def grouped() -> Any:
            context.setJobGroup(group, "workbench", interruptOnCancel=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return work()

        from pyspark import inheritable_thread_target

        with ThreadPoolExecutor(1) as pool:
            # The thread has a thread of the JVM to itself, which is let go with it.
            future = pool.submit(inheritable_thread_target(self.session)(grouped))
            try:
                while True:
                    try:
                        return future.result(_POLL_SECONDS)
                    except TimeoutError:
                        if future.done():
                            raise
                        progress("spark", *_tasks(context.statusTracker(), group))
            except BaseException as exc:
                if not future.done():
                    context.cancelJobGroup(group)
                raise _ours(exc) from exc


def _tasks(tracker: Any, group: str) -> tuple[float, float]:
    done = total = 0
    for job in tracker.getJobIdsForGroup(group):
        info = tracker.getJobInfo(job)
        for stage in info.stageIds if info else ():
            facts = tracker.getStageInfo(stage)
            if facts:
                done, total = done + facts.numCompletedTasks, total + facts.numTasks
    return float(done), float(total)


def _ours(exc: BaseException) -> BaseException:
    """Spark's errors as StoreError; our own and those of the interpreter stay."""
    if isinstance(exc, WorkbenchError) or not isinstance(exc, Exception) or not _from_spark(exc):
        return exc
    text = next((line for line in str(exc).splitlines() if line.strip()), type(exc).__name__)
    return StoreError(
        f"Spark stopped: {text[:300]}", fix="The master's page and the executors' logs say more (docs/spark.md)."
    )


def _from_spark(exc: BaseException) -> bool:
    return type(exc).__module__.split(".")[0] in ("pyspark", "py4j")


def _pandas(rows: pa.Table, schema: Any) -> pd.DataFrame:
    from ibis.backends.duckdb.converter import DuckDBPandasData

    columns = {
        name: column.to_pylist() if pa.types.is_nested(column.type) or column.null_count else column.to_pandas()
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    }
    return DuckDBPandasData.convert_table(pd.DataFrame(columns), schema)
