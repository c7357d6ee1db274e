"""Ids, kept results, long work, uploads: the app's own machinery."""

from __future__ import annotations

import io
import threading

import pandas as pd
import pytest

from workbench.app.cache import Cache
from workbench.app.ids import Ids
from workbench.app.jobs import Jobs
from workbench.app.unified import candidate_names
from workbench.app.uploads import Batches, clean_name
from workbench.errors import Cancelled, FormatError, SourceError


def test_an_id_belongs_to_its_page_and_misspelling_raises():
    ids = Ids("map", "graph", "side-panel")
    assert ids.graph == "map-graph"
    assert ids.side_panel == "map-side-panel"
    with pytest.raises(AttributeError, match="grph"):
        _ = ids.grph
    with pytest.raises(ValueError, match="repeat"):
        Ids("map", "graph", "graph")


def test_a_result_is_made_once_even_when_two_ask_together():
    cache, made, both = Cache(), [], threading.Barrier(2)

    def make():
        made.append(1)
        return "result"

    def ask():
        both.wait()
        assert cache.get("key", make) == "result"

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_an_error_is_not_kept():
    cache = Cache()
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0)
    assert cache.get("key", lambda: 5) == 5


def test_the_least_recently_used_result_is_forgotten():
    cache = Cache(size=2)
    for key in "ab":
        cache.put(key, key)
    cache.peek("a")
    cache.put("c", "c")
    assert [cache.peek(key)[0] for key in "abc"] == [True, False, True]


def finished(jobs: Jobs, job):
    for _ in range(400):
        if job.finished:
            return job
        threading.Event().wait(0.01)
    raise AssertionError("the job did not finish")


def test_a_job_reports_and_gives_its_result():
    jobs = Jobs(1)
    job = jobs.start("key", "title", lambda progress: progress("read", 1, 4) or 42)
    assert finished(jobs, job).result == 42
    assert (job.stage, job.share) == ("read", 0.25)
    jobs.close()


def test_the_same_work_is_not_started_twice_while_it_runs():
    jobs, go = Jobs(1), threading.Event()
    one = jobs.start("key", "title", lambda progress: go.wait(5))
    other = jobs.start("key", "title", lambda progress: go.wait(5))
    go.set()
    assert one is other
    jobs.close()


def test_cancelling_stops_a_running_job_at_its_next_report_and_a_waiting_one_before_it_begins():
    jobs, started, ran = Jobs(1), threading.Event(), []

    def work(progress):
        started.set()
        while True:
            progress("align", 0, 1)
            threading.Event().wait(0.005)

    running = jobs.start("a", "title", work)
    waiting = jobs.start("b", "title", lambda progress: ran.append(1))
    started.wait(5)
    waiting.cancel()
    running.cancel()
    assert finished(jobs, running).state == "cancelled"
    assert isinstance(running.error, Cancelled)
    jobs.close()
    assert waiting.state == "cancelled"
    assert ran == []


def test_work_of_a_view_that_was_left_is_stopped_and_begun_anew_when_asked_for(monkeypatch):
    monkeypatch.setattr("workbench.app.jobs.LEFT_SECONDS", -1.0)
    jobs, ran = Jobs(1), []

    def endless(progress):
        while True:
            progress("ask", 0, 1)
            threading.Event().wait(0.005)

    running = jobs.start("a", "title", endless, passing=True)
    waiting = jobs.start("b", "title", lambda progress: ran.append(1), passing=True)
    jobs.leave([running.id, waiting.id, "unknown"])
    assert finished(jobs, running).state == finished(jobs, waiting).state == "cancelled"
    assert jobs.latest("a") is jobs.latest("b") is jobs.get(running.id) is None
    assert ran == []
    assert finished(jobs, jobs.start("b", "title", lambda progress: 1, passing=True)).result == 1
    jobs.close()


def test_work_somebody_else_asks_for_or_that_is_kept_goes_on():
    jobs, go = Jobs(2), threading.Event()
    kept = jobs.start("a", "title", lambda progress: go.wait(20) and progress("ask", 0, 1))
    shared = jobs.start("b", "title", lambda progress: go.wait(20) and progress("ask", 0, 1), passing=True)
    jobs.leave([kept.id, shared.id])
    assert kept.left is None
    assert shared.left is not None
    assert jobs.get(shared.id) is shared
    assert shared.left is None
    go.set()
    assert finished(jobs, kept).state == finished(jobs, shared).state == "done"
    jobs.close()


def test_only_our_own_pages_say_that_a_view_was_left(country_app):
    ask = country_app.server.test_client()
    assert ask.post("/jobs/left", json=["x"]).status_code == 403
    assert ask.post("/jobs/left", json={"x": 1}, headers={"X-Workbench": "1"}).status_code == 403
    assert ask.post("/jobs/left", json=["x"], headers={"X-Workbench": "1"}).status_code == 204


def test_a_failed_job_keeps_its_error_and_can_be_forgotten():
    def work(progress):
        raise FormatError("not a log", fix="Give a log.")

    jobs = Jobs(1)
    job = finished(jobs, jobs.start("key", "title", work))
    assert (job.state, job.error.code) == ("failed", "source.format")
    jobs.forget("key")
    assert jobs.latest("key") is None
    jobs.close()


def test_an_unexpected_error_becomes_a_sentence():
    jobs = Jobs(1)
    job = finished(jobs, jobs.start("key", "title", lambda progress: {}["x"]))
    assert job.state == "failed"
    assert "KeyError" in job.error.message
    jobs.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\logs\\hồ sơ.csv", "hồ sơ.csv"), (".hidden", "hidden"), ("a\x00b.csv", "ab.csv"),
     ("", "file")],
)  # fmt: skip
def test_an_uploaded_name_cannot_leave_its_folder(given, kept):
    assert clean_name(given) == kept


def test_an_upload_is_listed_and_dropped():
    batches = Batches()
    batch = batches.new()
    batches.take(batch, "b.csv", io.BytesIO(b"2"))
    batches.take(batch, "a.csv", io.BytesIO(b"1"))
    assert [path.name for path in batches.files(batch)] == ["a.csv", "b.csv"]
    batches.drop(batch)
    with pytest.raises(SourceError, match="no longer"):
        batches.files(batch)
    with pytest.raises(SourceError):
        batches.folder("../../..")
    batches.close()


def test_only_the_workbench_itself_may_upload(empty_app):
    client = empty_app.server.test_client()
    batch = "0123456789abcdef"
    assert client.put(f"/upload/{batch}?name=a.csv", data=b"x").status_code == 403
    taken = client.put(f"/upload/{batch}?name=a.csv", data=b"x", headers={"X-Workbench": "1"})
    assert taken.json == {"name": "a.csv", "bytes": 1}
    assert client.put("/upload/..?name=a.csv", data=b"x", headers={"X-Workbench": "1"}).status_code == 400


def test_a_file_above_the_limit_is_refused_with_the_limit(empty_app):
    empty_app.server.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
    client = empty_app.server.test_client()
    got = client.put("/upload/0123456789abcdef?name=a.csv", data=b"x" * 3_000_000, headers={"X-Workbench": "1"})
    assert got.status_code == 413
    assert "2 MB" in got.json["error"]


def test_the_server_says_it_is_well(empty_app):
    assert empty_app.server.test_client().get("/health").json == {"status": "ok"}


def test_candidates_of_one_kind_are_told_apart():
    table = pd.DataFrame(
        {
            "name": ["medoid:H26", "published:Quảng Ninh", "published:Quảng Ninh#2"],
            "kind": ["medoid", "published", "published"],
        }
    )
    named = candidate_names(table, "en")
    assert named["medoid:H26"] == "Most typical organisation"
    assert named["published:Quảng Ninh"].endswith("(Quảng Ninh)")
    assert named["published:Quảng Ninh#2"].endswith("(Quảng Ninh 2)")
