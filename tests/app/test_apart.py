"""Questions answered by a helper process: kept where all find the answer, stopped, failing, ended under way."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from tests.browser.small_country import make_store
from workbench.app.apart import Apart
from workbench.app.questions import Question
from workbench.app.shared_jobs import SharedJobs
from workbench.app.step_names import Naming
from workbench.app.workspace import Workspace
from workbench.errors import Cancelled, SelectionError, WorkbenchError
from workbench.mining.performance import throughput
from workbench.progress import Cancellable
from workbench.selection import Selection
from workbench.settings import load_settings
from workbench.store import LogStore
from workbench.store.vocabulary import Judgement


def where(store: LogStore) -> tuple[int, int]:
    """The process and its niceness."""
    return os.getpid(), os.nice(0)


def labels(store: LogStore) -> list[str]:
    """Steps in force."""
    found = store.fetch(store.events(Selection()).select("step_id").distinct())["step_id"]
    return sorted(store.labels()[item] for item in found)


def forever(store: LogStore, *, progress) -> None:
    """Goes on until it is stopped."""
    for number in range(100_000):
        progress("search", number, 100_000)
        time.sleep(0.01)


def counting(store: LogStore) -> int:
    """One long statement."""
    return int(store.scalar("select sum(a.range * b.range)::double from range(100000) a, range(1000000) b"))


def refused(store: LogStore) -> None:
    """An error with facts."""
    raise SelectionError("There is no such thing.", fix="Choose another.", thing="x")


def broken(store: LogStore) -> None:
    """An error nobody foresaw."""
    raise ZeroDivisionError("by hand")


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    (folder / "run").mkdir()
    make_store(folder / "s.duckdb", dossiers=60).close()
    made = Workspace(folder / "s.duckdb", load_settings(memory_limit="1GB", threads=1), folder / "run")
    yield made
    made.close()


@pytest.fixture(scope="module")
def apart(space):
    return space._jobs._apart


def nothing(*_):
    """Progress nobody watches."""


def test_another_process_answers_at_a_lower_priority_and_all_find_the_answer(space, apart):
    apart.answer(Question(("where",), where), nothing)
    found, (process, niceness) = space.cache.peek(("where",))
    assert found
    assert process != os.getpid()
    assert niceness >= 10
    apart.answer(Question(("throughput",), throughput, (Selection(),)), nothing)
    here = throughput(space.store(), Selection()).table
    assert space.cache.peek(("throughput",))[1].table.equals(here)


def test_step_names_on_trial_go_along(space, apart):
    tried = Naming((Judgement("*", labels(space.store())[0], "Bước thử"),))
    apart.answer(Question(("labels",), labels, naming=tried), nothing)
    assert "Bước thử" in space.cache.peek(("labels",))[1]
    assert "Bước thử" not in labels(space.store())


def test_errors_come_back_as_they_are(apart):
    with pytest.raises(SelectionError) as raised:
        apart.answer(Question(("refused",), refused), nothing)
    assert raised.value.facts == {"thing": "x"}
    with pytest.raises(ZeroDivisionError):
        apart.answer(Question(("broken",), broken), nothing)


@pytest.mark.parametrize("question", [Question(("a",), forever, reports=True), Question(("b",), counting)])
def test_work_is_stopped_and_the_helper_answers_on(space, apart, question):
    told, stop = [], Cancellable()

    def progress(stage, done, total):
        told.append(stage)
        if len(told) == 5:
            stop.cancel()
        stop(stage, done, total)

    with pytest.raises(Cancelled):
        apart.answer(question, progress)
    assert set(told) <= {"search", "ask"}
    apart.answer(Question(("after", question.key), where), nothing)
    assert space.cache.peek(("after", question.key))[0]


def test_a_helper_that_is_killed_is_said_and_another_one_begun(space, apart):
    apart.answer(Question(("pid",), where), nothing)
    process = space.cache.peek(("pid",))[1][0]
    threading.Timer(0.5, os.kill, (process, signal.SIGKILL)).start()
    with pytest.raises(WorkbenchError, match="has ended"):
        apart.answer(Question(("killed",), forever, reports=True), nothing)
    apart.answer(Question(("again",), where), nothing)
    assert space.cache.peek(("again",))[1][0] != process


def test_jobs_send_what_can_be_sent_and_do_the_rest_themselves(space, tmp_path):
    jobs = SharedJobs(tmp_path / "board.sqlite", apart=Apart(space.path, load_settings(), space.run))
    try:
        sent = jobs.start("sent", "title", lambda _: pytest.fail("not here"), Question(("sent",), where))
        here = jobs.start("here", "title", lambda _: 7, Question(("here",), lambda store: 8))
        for _ in range(600):
            if sent.finished and here.finished:
                break
            time.sleep(0.05)
        assert (sent.state, here.state, here.result) == ("done", "done", 7)
        assert space.cache.peek(("sent",))[1][0] != os.getpid()
    finally:
        jobs.close()
