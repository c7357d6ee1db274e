"""Whatever happens to the process, the disk or the memory: the store holds exactly the loads its ledger names."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import ibis.backends.duckdb  # noqa: F401 - loaded once, before the processes to be killed are forked
import pytest

from tests.store import worlds
from tests.store.worlds import NOW, ledger
from workbench.errors import StoreError, StoreLocked
from workbench.store import open_store
from workbench.store.loading import Staged, StagedFile, load_staged, retract

ROOT = Path(__file__).resolve().parents[2]
PARTS = 3
DOSSIERS = 400


def load_part(store, part, dossiers=DOSSIERS, *, kind="table"):
    """One part of a log: new dossiers, and more events of those of the part before."""
    first = part * dossiers
    store.con.execute(
        f"create or replace temp {kind} staged_event as select 'H0' || (i % 3 + 1) as province_code, "
        "i::varchar as dossier_code, 'step ' || (hash(i + j) % 7) as label, "
        "timestamp '2024-01-02 08:00' + to_minutes((i * 7 + j * 600 + hash(i * j) % 60)::bigint) as completed_at, "
        "'unit ' || (hash(i) % 5) as unit, j as source_order "
        f"from range({max(0, first - dossiers // 2)}, {first + dossiers}) d(i), range({part}, {part + 8}) e(j)"
    )
    files = (StagedFile(f"part{part}", f"part{part}", 0, "event", 0),)
    return load_staged(store, Staged(files, "test", event="staged_event"), now=NOW)


def work(path, part, started, dossiers):
    with open_store(path, threads=2) as store:
        started.set()
        if part < 0:
            retract(store, -part)
        else:
            load_part(store, part, dossiers)


def facts(path):
    """Loads the ledger names, and what the tables hold of each."""
    with open_store(path) as store:
        lines = store.con.execute("select load_id, events from load where status = 'loaded' order by 1").fetchall()
        held = store.con.execute("select load_id, count(*) from event group by 1 order by 1").fetchall()
        total = store.scalar("select sum(event_count)::bigint from dossier")
        return lines, held, total


def start(context, path, part, dossiers):
    """A process that begins to load a part now."""
    started = context.Event()
    child = context.Process(target=work, args=(path, part, started, dossiers))
    child.start()
    assert started.wait(60)
    return child


def undisturbed(context, path, dossiers):
    """Seconds such a process needs when nobody kills it."""
    worlds.new_store(path).close()
    child = start(context, path, 0, dossiers)
    begun = time.monotonic()
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - begun


def kill_at_random_moments(folder, kills, seed, dossiers=DOSSIERS):
    """Kill a process `kills` times while it loads or takes back; how many of them left the store as it was."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_crash"])
    chance = random.Random(seed)
    longest = undisturbed(context, folder / "scratch.duckdb", dossiers)
    path, undone, killed, done = folder / "s.duckdb", 0, 0, 0
    worlds.new_store(path).close()
    while killed < kills:
        part = done if done < PARTS else -1
        child = start(context, path, part, dossiers)
        child.join(chance.uniform(0, 1.25 * longest))  # some die while they commit, some get through
        if child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
            child.join(30)
        died = child.exitcode == -signal.SIGKILL  # none that ended by itself in the very moment
        assert died or child.exitcode == 0
        lines, held, total = facts(path)
        assert [line for line in lines if line[1]] == held  # exactly the loads the ledger names, each whole
        assert sum(events for _, events in held) == (total or 0)
        assert died or len(lines) == (done + 1 if part >= 0 else PARTS - 1)
        undone += died and len(lines) == done
        killed += died
        done = len(lines)
        if part < 0 and done < PARTS:  # all came in and one was taken back: once more from the start
            worlds.new_store(path).close()
            done = 0
    with open_store(path) as store:  # and what was cut short can be done again
        for part in range(PARTS):
            load_part(store, part, dossiers)
        assert ledger(store)["status"].tolist().count("loaded") == PARTS
    return undone


def test_killed_at_random_moments(tmp_path):
    assert kill_at_random_moments(tmp_path, kills=10, seed=1) > 0


@pytest.mark.slow
def test_killed_at_two_hundred_random_moments(tmp_path):
    undone = 0
    for seed in range(10):
        folder = tmp_path / str(seed)
        folder.mkdir()
        undone += kill_at_random_moments(folder, kills=20, seed=seed)
    assert undone > 30


def run_child(code, *arguments, **options):
    text = textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        **options,
    )  # fmt: skip


OPEN = """
import sys
from workbench.errors import StoreLocked
from workbench.store import open_store
try:
    with open_store(sys.argv[1], read_only=sys.argv[2] == "read") as store:
        print("opened", store.scalar("select count(*) from dossier"))
except StoreLocked as error:
    print("locked:", error)
"""


def test_one_writer_or_a_clear_message(tmp_path):
    path = tmp_path / "s.duckdb"
    with worlds.new_store(path) as store:
        load_part(store, 0, 10)
        out = run_child(OPEN, path, "read").stdout
        assert out.startswith("locked: Another process is writing"), out
        out = run_child(OPEN, path, "write").stdout
        assert out.startswith("locked: Another process has"), out
    assert run_child(OPEN, path, "write").stdout.startswith("opened 10")


def test_many_readers_at_once(tmp_path):
    path = tmp_path / "s.duckdb"
    with worlds.new_store(path) as store:
        load_part(store, 0, 10)
    with open_store(path, read_only=True):
        assert run_child(OPEN, path, "read").stdout.startswith("opened 10")
        assert run_child(OPEN, path, "write").stdout.startswith("locked:")


def test_readers_of_the_same_process_see_the_store_before_or_after(tmp_path):
    with worlds.new_store(tmp_path / "s.duckdb") as store:
        load_part(store, 0, 10)
        reader = store.cursor()
        seen = []

        def watch(stage, done, total):
            seen.append(reader.scalar("select count(*) from dossier"))

        store.con.execute("create or replace temp table staged_event as select 'H01' as province_code, "
                          "'new' as dossier_code, 'a' as label")  # fmt: skip
        load_staged(store, Staged((), "test", event="staged_event"), now=NOW, progress=watch)
        assert set(seen) == {10}
        assert reader.scalar("select count(*) from dossier") == 11


def test_two_loads_at_once_are_refused(tmp_path):
    with worlds.new_store(tmp_path / "s.duckdb") as store:
        load_part(store, 0, 10)
        other = store.cursor()
        for handle in (store, other):
            handle.con.execute("create or replace temp table staged_event as select 'H01' as province_code, "
                               "'new' as dossier_code, 'a' as label")  # fmt: skip
        staged = Staged((), "test", event="staged_event")

        said = []

        def interfere(stage, done, total):
            if stage == "finish" and done == 5:
                try:
                    load_staged(other, staged, now=NOW)
                except StoreLocked as error:
                    said.append(str(error))

        load_staged(store, staged, now=NOW, progress=interfere)
        assert len(said) == 1 and said[0].startswith("Another load into")
        assert store.scalar("select count(*) from dossier") == 11
        assert ledger(store)["status"].tolist() == ["loaded", "loaded"]


FILL = """
import resource, signal, sys
from tests.store.test_crash import load_part
from workbench.errors import StoreError
from workbench.store import open_store
store = open_store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    load_part(store, 1, 60000)
    print("loaded")
except StoreError as error:
    print("refused:", error)
"""


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path):
    path = tmp_path / "s.duckdb"
    with worlds.new_store(path) as store:
        load_part(store, 0, 10)
    before = facts(path)
    out = run_child(FILL, path, path.stat().st_size + 300_000)
    assert out.stdout.startswith("refused: The disk is full"), out.stdout + out.stderr[-2000:]
    assert facts(path) == before


def test_too_little_memory_leaves_the_store_as_it_was(tmp_path):
    path = tmp_path / "s.duckdb"
    with worlds.new_store(path) as store:
        load_part(store, 0, 10)
        before = worlds.content(store)
    with open_store(path, memory_limit="60MB", threads=1) as store:
        store.con.execute("set max_temp_directory_size = '1MB'")
        with pytest.raises(StoreError, match="memory limit"):
            load_part(store, 1, 200_000, kind="view")
        store.con.execute("set memory_limit = '2GB'")
        assert worlds.content(store) == before
