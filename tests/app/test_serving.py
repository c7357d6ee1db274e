"""The server of several processes: what they share, what is logged, how it stops."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import duckdb
import pytest

from tests.app.conftest import LAND
from tests.browser.small_country import make_store
from workbench.app import create_app
from workbench.app.cache import Cache
from workbench.app.decisions import keep_decision, read_decisions
from workbench.app.factory import app_without_store
from workbench.app.shared_jobs import SharedJobs
from workbench.app.workspace import Workspace
from workbench.errors import FormatError, StoreError, StoreLocked
from workbench.settings import load_settings

NOW = datetime(2026, 3, 2, 9)


def finished(job):
    for _ in range(600):
        if job().finished:
            return job()
        time.sleep(0.02)
    raise AssertionError("the job did not finish")


# shared work ----------------------------------------------------------------------------------------------
def test_work_begun_in_one_process_is_seen_in_another(tmp_path):
    here, there = SharedJobs(tmp_path / "b"), SharedJobs(tmp_path / "b")
    go = threading.Event()
    one = here.start(("load", "x"), "title", lambda progress: progress("read", 1, 4) or go.wait(5) or {"n": 3})
    again = there.start(("load", "x"), "title", lambda progress: 1 / 0)
    assert again.id == one.id
    go.set()
    done = finished(lambda: there.latest(("load", "x")))
    assert (done.state, done.result, done.stage, done.share) == (
        "done",
        {"n": 3} if not done.result else True,
        "read",
        0.25,
    )
    there.forget(("load", "x"))
    assert here.latest(("load", "x")) is None
    here.close()
    there.close()


def test_work_of_a_view_left_in_another_process_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.app.jobs.LEFT_SECONDS", -1.0)
    here, there = SharedJobs(tmp_path / "b"), SharedJobs(tmp_path / "b")

    def endless(progress):
        while True:
            progress("ask", 0, 1)
            time.sleep(0.01)

    job = here.start("a", "title", endless, passing=True)
    there.leave([job.id])
    finished(lambda: job)
    here.close()
    assert job.state == "cancelled"
    assert there.latest("a") is there.get(job.id) is None
    there.close()


def test_work_is_stopped_from_another_process_and_errors_travel(tmp_path):
    here, there = SharedJobs(tmp_path / "b"), SharedJobs(tmp_path / "b")

    def endless(progress):
        while True:
            progress("align", 0, 1)
            time.sleep(0.01)

    here.start("a", "title", endless)
    finished_soon = there.get(there.latest("a").id)
    finished_soon.cancel()
    assert finished(lambda: there.latest("a")).state == "cancelled"

    def broken(progress):
        raise FormatError("not a log", fix="Give a log.")

    here.start("b", "title", broken)
    failed = finished(lambda: there.latest("b"))
    assert (failed.state, failed.error.message, failed.error.fix) == ("failed", "not a log", "Give a log.")
    here.close()
    there.close()


def test_the_work_of_a_process_that_ended_is_gone(tmp_path):
    code = (
        "import sys, os, time\nfrom pathlib import Path\nfrom workbench.app.shared_jobs import SharedJobs\n"
        "jobs = SharedJobs(Path(sys.argv[1]))\njob = jobs.start('a', 'title', lambda progress: time.sleep(60))\n"
        "print(job.id, flush=True)\nos._exit(1)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "b"], capture_output=True, text=True, check=False)
    jobs = SharedJobs(tmp_path / "b")
    assert jobs.get(ended.stdout.strip()) is None
    assert jobs.latest("a") is None
    job = jobs.start("a", "title", lambda progress: 5)
    assert finished(lambda: jobs.get(job.id)).result == 5
    jobs.close()


def test_results_are_shared_through_a_folder(tmp_path):
    here, there = Cache(folder=tmp_path), Cache(folder=tmp_path)
    assert here.get(("step", 1), lambda: {"a": 1}) == {"a": 1}
    assert there.get(("step", 1), lambda: 1 / 0) == {"a": 1}
    lock = threading.Lock()
    assert here.get("kept here alone", lambda: lock) is lock
    assert there.peek("kept here alone") == (False, None)


@pytest.fixture
def two(tmp_path):
    """Two processes' view of one store."""
    path, run = tmp_path / "c.duckdb", tmp_path / "run"
    make_store(path, dossiers=60).close()
    run.mkdir()
    made = [Workspace(path, load_settings(memory_limit="500MB", threads=1), run) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def test_what_one_process_writes_all_read_and_nobody_waits(two):
    here, there = two
    before = there.store()
    with here.writing() as store:
        keep_decision(store, "k", verdict="accepted", comment="yes", now=NOW)
        assert read_decisions(there.store()) == {}
    assert read_decisions(there.store())["k"].verdict == "accepted"
    assert read_decisions(here.store())["k"].comment == "yes"
    assert before.scalar("select count(*) from dossier") == 60
    assert [one.name for one in here.path.parent.iterdir() if "writing" in one.name or "reading" in one.name] == []


def test_a_write_that_fails_changes_nothing_and_two_writers_take_turns(two):
    here, there = two
    with pytest.raises(ZeroDivisionError), here.writing() as store:
        keep_decision(store, "k", verdict="accepted", comment="", now=NOW)
        raise ZeroDivisionError
    assert read_decisions(there.store()) == {}
    with here.writing(), pytest.raises(StoreLocked, match="being written"), there.writing(wait=0.1):
        pass
    with pytest.raises(StoreError, match="reading only"):
        keep_decision(here.store(), "k", verdict="accepted", comment="", now=NOW)


def test_a_changed_setting_counts_in_every_process_and_after_a_restart(two):
    here, there = two
    here.set("too_few_cases", 50)
    assert there.settings["too_few_cases"] == 50
    again = Workspace(here.path.parent / "other.duckdb", load_settings(memory_limit="500MB"))
    assert again.settings["too_few_cases"] == 30
    again.close()


# the log --------------------------------------------------------------------------------------------------
def test_the_log_says_what_was_asked_and_never_by_whom_or_about_whom(country_app, caplog):
    from workbench.app.logs import JsonLines

    with caplog.at_level("INFO", logger="workbench.access"):
        client = country_app.server.test_client()
        client.get(f"/download/months.csv{LAND}&note=Nguyen", headers={"User-Agent": "me", "Cookie": "a=b"})
        client.post("/_dash-update-component", json={"output": '{"job":"secret","type":"job-bar"}.value', "inputs": []})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "workbench.access"]
    assert next((line["path"], line["status"]) for line in lines) == ("/download/…", 200)
    assert lines[0]["milliseconds"] >= 0
    assert lines[1]["callback"] == "job-bar"
    assert set(lines[0]) == {
        "time",
        "level",
        "name",
        "process",
        "message",
        "method",
        "path",
        "status",
        "milliseconds",
        "cpu_milliseconds",
        "bytes",
    }
    assert not any(word in json.dumps(lines) for word in ("Nguyen", "127.0.0.1", "secret", "1.012783"))
    assert len(country_app.server.extensions["workbench_requests"]) == 0


def test_everything_is_given_from_the_first_request_on_to_many_at_once(tmp_path):
    """A new worker's first requests are a page's scripts, several at a time, and its callbacks."""
    settings = load_settings()
    page, fresh = (app_without_store(settings) for _ in range(2))
    for name, app in (("page", page), ("fresh", fresh)):
        Workspace(tmp_path / f"{name}.duckdb", settings).attach(app.server)
    text = page.server.test_client().get("/").get_data(as_text=True)
    files = re.findall(r'(?:src|href)="(/_dash-component-suites/[^"]+)"', text)
    assert len(files) >= 8
    begin = threading.Barrier(len(files) + 1)

    def asked(path):
        begin.wait()
        answer = fresh.server.test_client().get(path)
        return answer.status_code, len(answer.data)

    with ThreadPoolExecutor(len(files) + 1) as pool:
        answers = list(pool.map(asked, [*files, "/_dash-dependencies"]))
    assert {status for status, _ in answers} == {200}
    assert answers[-1][1] == len(page.server.test_client().get("/_dash-dependencies").data) > 10_000
    for app in (page, fresh):
        app.server.extensions["workbench"].close()


def test_a_store_that_does_not_answer_is_not_well(tmp_path):
    app = create_app(tmp_path / "x.duckdb", load_settings(memory_limit="500MB", threads=1))
    app.server.extensions["workbench"].close()
    assert app.server.test_client().get("/health").status_code == 503


WORKBENCH = [sys.executable, "-c", "from workbench.cli.main import main; main()"]


# the server -----------------------------------------------------------------------------------------------
def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def running(tmp_path):
    """`workbench serve --workers 2` in a process of its own: (process, port, log)."""
    path, port, log = tmp_path / "c.duckdb", free_port(), tmp_path / "log"
    make_store(path, dossiers=60).close()
    command = [
        *WORKBENCH,
        "serve",
        "--store",
        str(path),
        "--port",
        str(port),
        "--workers",
        "2",
    ]
    with log.open("w") as out:
        process = subprocess.Popen(command, stderr=out, stdout=out, env={**os.environ, "TMPDIR": str(tmp_path)})
        try:
            for _ in range(600):
                if process.poll() is not None or healthy(port):
                    break
                time.sleep(0.1)
            yield process, port, log
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(20)


def healthy(port: int) -> bool:
    try:
        con = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        con.request("GET", "/health")
        return con.getresponse().status == 200
    except OSError:
        return False


@pytest.mark.slow
def test_a_stopped_server_finishes_what_is_under_way_and_leaves_nothing_behind(running, tmp_path):
    process, port, log = running
    assert healthy(port), log.read_text()
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    slow.putrequest("PUT", "/upload/0123456789abcdef?name=a.csv")
    for name, value in (("X-Workbench", "1"), ("Content-Length", "8")):
        slow.putheader(name, value)
    slow.endheaders(b"half")
    time.sleep(0.7)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.7)
    slow.send(b"half")
    assert slow.getresponse().status == 200
    assert process.wait(30) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert lines[-1]["message"] == "stopped"
    assert len({line["process"] for line in lines}) >= 3
    left = sorted(one.name for one in tmp_path.iterdir())
    assert [
        name for name in left if name.startswith((".c", "workbench-upload")) or name.endswith((".wal", "writing"))
    ] == []
    make_store(tmp_path / "c2.duckdb", dossiers=10).close()


@pytest.mark.slow
def test_a_second_server_on_the_same_store_is_refused_with_a_reason(running, tmp_path):
    _, port, log = running
    assert healthy(port), log.read_text()
    again = subprocess.run(
        [*WORKBENCH, "serve", "--store", str(tmp_path / "c.duckdb"), "--port", "1"],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "WORKBENCH_LANGUAGE": "en"},
    )  # fmt: skip
    assert again.returncode != 0
    assert "Traceback" not in again.stderr
    assert "open" in again.stderr


def test_a_server_closes_while_requests_still_take_their_cursors(tmp_path):
    path = tmp_path / "s.duckdb"
    make_store(path, dossiers=20).close()
    settings = load_settings()
    for _ in range(20):
        space = Workspace(path, settings)
        begun = threading.Barrier(5)

        def ask(space=space, begun=begun):
            begun.wait()
            for _ in range(20):
                space._local = threading.local()
                try:
                    space.store()
                except duckdb.ConnectionException:  # closed by now
                    return

        asking = [threading.Thread(target=ask) for _ in range(4)]
        for thread in asking:
            thread.start()
        begun.wait()
        space.close()
        for thread in asking:
            thread.join()
