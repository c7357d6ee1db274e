"""A real standalone cluster: a master and two workers as processes of their own; command line and app on it."""

from __future__ import annotations

import importlib
import json
import math
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.spark_logs import NOW, OPTIONS, left_behind, needs_spark
from workbench.cli.main import run
from workbench.intake import load
from workbench.simulate import load_scenario, synthesise
from workbench.store import open_store

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*pandas >= 3:FutureWarning")]
WAIT_SECONDS = 120.0
ON_CLUSTER = {**OPTIONS, "spark.executor.memory": "512m", "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}
NOT_COMPARED = {"store_version", "dossier_key", "version"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(kind: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *arguments]
    with (folder / f"{kind.rpartition('.')[2]}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)


def until(condition, seconds: float = WAIT_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standalone master with two workers of one core; only these processes are ended."""
    needs_spark()
    folder = tmp_path_factory.mktemp("cluster")
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    master = started("master.Master", folder, "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
    processes = [master]
    try:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        for _ in range(2):
            options = ("--host", "127.0.0.1", "--cores", "1", "--memory", "768m", "--webui-port", "0", address)
            processes.append(started("worker.Worker", folder, *options))
        log = folder / "Master.log"
        until(lambda: log.read_text("utf-8", "replace").count("Registering worker") == 2)
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(30)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A synthetic log as Parquet and as a store file."""
    folder = tmp_path_factory.mktemp("country")
    synthesise(load_scenario(), dossiers=150, seed=5, out=folder / "rows")
    with open_store(folder / "s.duckdb") as store:
        load(store, [folder / "rows"], now=NOW)
    return folder / "rows", folder / "s.duckdb"


def commands(procedure: str) -> list[list[str]]:
    one = ["--procedure", procedure]
    return [
        ["mine", "dfg"],
        ["mine", "variants"],
        ["mine", "performance", *one],
        ["mine", "discover", *one],
        ["mine", "conformance", *one],
        ["mine", "waiting", *one],
        ["clocks", "--by", "province_2025"],
        ["compare", *one, "--by", "province_2025"],
    ]


_SCRIPT = """
import contextlib, io, json, sys
from workbench.cli.main import run
out = []
for words in json.loads(sys.argv[1]):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        code = run(words)
    out.append([code, text.getvalue()])
print("RESULT" + json.dumps(out))
"""


def alike(ours: object, theirs: object) -> bool:
    """Equal but for numbers of the store, and floats to 1e-9."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(
            name in NOT_COMPARED or alike(value, theirs[name]) for name, value in ours.items()
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(alike(a, b) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, float) and isinstance(theirs, float | int):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return ours == theirs


def test_every_mining_command_gives_on_a_cluster_what_it_gives_in_a_file(
    cluster: str, country: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
):
    rows, file = country
    with open_store(file, read_only=True) as store:
        code = str(store.scalar("select procedure_code from dossier group by 1 order by count(*) desc, 1 limit 1"))
    there = ["--store", str(rows), "--engine", "spark", "--master", cluster, "--quiet", "--json"]
    there += [word for key, value in ON_CLUSTER.items() for word in ("--spark-option", f"{key}={value}")]
    asked = [["prepare", *there], *([*words, *there] for words in commands(code))]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps(asked)], capture_output=True, text=True, timeout=900, check=False
    )
    assert "RESULT" in done.stdout, done.stderr[-3000:]
    found = json.loads(done.stdout.partition("RESULT")[2])
    assert [one[0] for one in found] == [0] * len(asked), done.stderr[-3000:]
    assert json.loads(found[0][1])["dossiers"] == 150
    assert not left_behind()
    for words, (_, text) in zip(commands(code), found[1:], strict=True):
        assert run([*words, "--store", str(file), "--quiet", "--json"]) == 0
        assert alike(json.loads(text), json.loads(capsys.readouterr().out)), words


def test_the_app_works_on_a_cluster_and_keeps_what_it_was_told(cluster: str, country: tuple[Path, Path]):
    from workbench.app import create_app
    from workbench.app.panels import answer
    from workbench.settings import load_settings

    options = shlex.join(f"{key}={value}" for key, value in ON_CLUSTER.items())
    app = create_app(country[0], load_settings(engine="spark", spark_master=cluster, spark_options=options))
    space = app.server.extensions["workbench"]
    try:
        overview = importlib.import_module("workbench.app.pages.overview")
        with app.server.test_request_context():
            first = str(answer("?lang=en", overview.by_months))
            assert "Asking the Spark cluster" in first  # the state while the cluster works
            shown = first
            end = time.monotonic() + WAIT_SECONDS
            while "Asking the Spark cluster" in shown and time.monotonic() < end:
                time.sleep(0.2)
                shown = str(answer("?lang=en", overview.by_months))
            assert "Figure" in shown
            before = space.store().engine
            assert str(answer("?lang=en", overview.by_months)) == shown  # kept, not asked again
            assert space.store().engine is before
    finally:
        space.close()
        space.store().engine.session.stop()


def test_a_master_that_does_not_answer_is_said_soon(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    needs_spark()
    begun = time.monotonic()
    master = f"spark://127.0.0.1:{free_port()}"
    assert run(["mine", "dfg", "--store", str(tmp_path), "--engine", "spark", "--master", master]) == 4
    assert time.monotonic() - begun < 60
    assert master in capsys.readouterr().err
