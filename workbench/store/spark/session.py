"""A session on the Spark cluster the user names, or a clear reason why there is none."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import SettingError, StoreError

CONNECT_SECONDS = 10.0
"""How long a standalone master may take to answer its port."""
WORKER_SECONDS = 90.0
"""How long a cluster may take to give the first executor."""
_SETTLED = {
    "spark.app.name": "workbench",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.legacy.parquet.nanosAsLong": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
}
"""What the answers depend on: times without a zone, and null where DuckDB says null; and no Hive metastore, which would
be made where the command stands."""
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}
"""One machine: few partitions, Spark's 200 are for a cluster."""
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^,:/]+):(\d+)")


def connect(master: str, options: Mapping[str, str] | None = None, *, wait_seconds: float = WORKER_SECONDS) -> Any:
    """The Spark session of `master`, e.g. local[2], spark://host:7077, yarn, k8s://https://host:443.

    `options` are Spark's own (`spark.executor.memory`, …). A process has one session; asking for another master in it
    raises SettingError. Raises StoreError without pyspark, without Java, for a master that does not answer and for a
    cluster that gives no executor within `wait_seconds`.
    """
    spark_session = _pyspark()
    _java()
    _answers(master)
    given = dict(options or {})
    running = spark_session.getActiveSession()
    if running is not None and running.sparkContext.master != master:
        raise SettingError(
            f"This process works on {running.sparkContext.master} already, not on {master}.",
            fix="Start another process for another master.",
            master=master,
        )
    builder = spark_session.builder.master(master)
    local = _LOCAL if master.startswith("local") else {}
    # Nothing is written there, but Spark may make the folder, by default where the command stands.
    aside = {"spark.sql.warehouse.dir": (Path(tempfile.gettempdir()) / "workbench-spark-warehouse").as_uri()}
    for key, value in {**aside, **local, **given, **_SETTLED}.items():
        builder = builder.config(key, value)
    try:
        with warnings.catch_warnings():
            # pyspark 4 says it has not been tried with pandas 3; rows come and go as Arrow tables here.
            warnings.simplefilter("ignore")
            session = builder.getOrCreate()
    except Exception as exc:
        raise StoreError(
            f"No Spark session on {master}: {_first_line(exc)}",
            fix="Look at the master's page and at the options given with --spark-option.",
            master=master,
        ) from exc
    _has_executors(session, master, wait_seconds)
    return session


def parse_options(pairs: Iterable[str]) -> dict[str, str]:
    """Spark's options from KEY=VALUE texts; raises SettingError for another text."""
    out = {}
    for text in pairs:
        key, sign, value = text.partition("=")
        if not sign or not key.startswith("spark."):
            raise SettingError(
                f"{text!r} is no option of Spark.", fix="Write it as spark.executor.memory=4g.", value=text
            )
        out[key] = value
    return out


def _pyspark() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pyspark.sql import SparkSession
    except ImportError as exc:
        raise StoreError("pyspark is not installed.", fix="Install it: pip install 'workbench[spark]'.") from exc
    return SparkSession


def _java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin" / "java").exists()) and shutil.which("java") is None:
        raise StoreError(
            "Java is not installed, and Spark runs on it.",
            fix="Install Java 17: apt-get install openjdk-17-jre-headless.",
        )


def _answers(master: str) -> None:
    """Raise StoreError unless one of the standalone masters named answers; Spark itself would try for minutes."""
    known = ("local", "spark://", "yarn", "k8s://")
    if not master.startswith(known):
        raise SettingError(
            f"The master is {master!r}.",
            fix="Name it as local[4], spark://HOST:7077, yarn or k8s://https://HOST:PORT.",
            master=master,
        )
    if not master.startswith("spark://"):
        return
    found = _ADDRESS.findall(master.removeprefix("spark://"))
    if not found:
        raise SettingError(f"The master is {master!r}.", fix="Name host and port: spark://HOST:7077.", master=master)
    reasons = []
    for host, port in found:
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS):
                return
        except OSError as exc:
            reasons.append(str(exc))
    raise StoreError(
        f"The Spark master {master} does not answer: {reasons[0]}.",
        fix="Check host, port and firewall, and that the master runs.",
        master=master,
    )


def _has_executors(session: Any, master: str, wait_seconds: float) -> None:
    """Wait until an executor is there: without one every question would wait without a word."""
    if master.startswith("local"):
        return
    context = session.sparkContext
    until = time.monotonic() + wait_seconds
    while context._jsc.sc().getExecutorMemoryStatus().size() < 2:  # the driver itself is one
        if context._jsc.sc().isStopped() or time.monotonic() > until:
            session.stop()
            raise StoreError(
                f"The Spark cluster {master} gives no executor within {wait_seconds:g} s.",
                fix="See on the master's page whether workers are alive and have the memory and cores asked for.",
                master=master,
            )
        time.sleep(0.1)


def _first_line(exc: Exception) -> str:
    text = str(exc).strip()
    return text.splitlines()[0][:300] if text else type(exc).__name__
