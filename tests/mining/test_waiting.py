"""Waiting causes: by hand, against a minute-by-minute account, and on the purchasing log."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import shared_log
from workbench.mining import batches
from workbench.mining.instances import Instances, concurrent_steps, enable, estimate_starts, fetch_instances
from workbench.mining.waiting import waiting_causes
from workbench.mining.waiting_causes import CAUSES, find_causes
from workbench.mining.worktime import Clocks, WorkTime
from workbench.selection import Selection

HOUR = 3600
DAY = "2024-01-02 "  # a Tuesday

# dossier, label, start, completion, officer
QUEUE = [
    ("1", "receive", "07:50", "08:00", "D"),
    ("2", "receive", "08:20", "08:30", "D"),
    ("3", "receive", "08:10", "08:15", "D"),
    ("1", "appraise", "08:00", "10:00", "O"),
    ("2", "appraise", "10:00", "11:00", "O"),
    ("3", "appraise", "11:00", "12:00", "O"),
    ("1", "sign", "15:00", "15:10", "H"),
    ("2", "sign", "15:10", "15:20", "H"),
    ("3", "sign", "15:20", "15:30", "H"),
]


def office_log(store_of, rows, *, starts=True, **columns):
    frame = pd.DataFrame(rows, columns=["dossier_code", "label", "started_at", "completed_at", "officer_key"])
    for name in ("started_at", "completed_at"):
        days = frame[name].where(frame[name].str.contains("-"), DAY + frame[name])
        frame[name] = pd.to_datetime(days).astype("datetime64[us]")
    if not starts:
        frame = frame.drop(columns="started_at")
    frame = frame.assign(province_code="H01", source_order=range(len(frame)), unit=frame["officer_key"], **columns)
    return store_of(events=frame, office=True)


def causes_of(store, target: str, **options) -> dict[str, float]:
    """Hours by cause of the waiting before one step, only those that are not nothing."""
    table = waiting_causes(store, **options).transitions
    rows = table[table["target"] == target]
    return {c: h for c in CAUSES if (h := round(rows[f"{c}_seconds"].sum() / HOUR, 6))}


def test_contention_and_prioritisation(store_of):
    # 2 waits 8:30-10:00 for 1; 3 waits 8:15-10:00 for 1 (came before it) and 10:00-11:00 for 2 (came after it)
    store = office_log(store_of, QUEUE)
    assert causes_of(store, "appraise") == {"contention": 1.5 + 1.75, "prioritisation": 1.0}


def test_batching_noon_and_the_rest(store_of):
    # enabled 10, 11 and 12 o'clock, signed from 15:00 on; nobody works from 12 to 13
    store = office_log(store_of, QUEUE)
    assert causes_of(store, "sign") == {
        "batching": 2.0 + 1.0,
        "contention": round(10 / 60 + 20 / 60, 6),
        "unavailability": 3.0,
        "extraneous": 6.0,
    }


def test_working_time_has_no_unavailability(store_of):
    found = waiting_causes(office_log(store_of, QUEUE))
    rows = found.transitions.set_index("target").loc["sign"]
    assert rows["unavailability_working_seconds"] == 0
    assert rows["extraneous_working_seconds"] == 6 * HOUR
    assert rows["wait_seconds"] - rows["wait_working_seconds"] == 3 * HOUR


def test_nights_and_weekends_are_unavailability(store_of):
    rows = [("1", "receive", "07:50", "08:00", "D"), ("1", "appraise", "2024-01-08 09:00", "2024-01-08 10:00", "O")]
    # Tuesday 8:00 to Monday 9:00: 6 days and one hour, of which 4 days and one hour are worked
    worked = 4 * 8 + 1
    assert causes_of(office_log(store_of, rows), "appraise") == {
        "extraneous": worked,
        "unavailability": 6 * 24 + 1 - worked,
    }


def test_a_saturated_queue_is_no_batch(store_of):
    rows = [(str(n), "receive", "08:00", f"08:0{n}", "D") for n in range(1, 6)]
    rows += [(str(n), "appraise", f"{8 + n}:00", f"{9 + n}:00", "O") for n in range(1, 4)]
    rows += [("6", "receive", "08:00", "08:00", "D"), ("6", "appraise", "08:00", "09:00", "O")]
    assert "batching" not in causes_of(office_log(store_of, rows), "appraise")


def test_the_causes_make_up_the_whole_wait(store_of):
    found = waiting_causes(office_log(store_of, QUEUE))
    rows = found.transitions
    assert rows["wait_seconds"].sum() == pytest.approx(found.overall["seconds"].sum())
    assert found.overall["share"].sum() == pytest.approx(1)
    assert rows["share"].sum() == pytest.approx(1)
    assert found.method.starts == "recorded"
    assert found.method.availability == "calendar"
    assert found.organisations["too_few"].all()
    assert (found.overall["low"] <= found.overall["share"]).all()
    assert (found.overall["share"] <= found.overall["high"]).all()


def test_pauses_inside_the_waiting_are_said(store_from):
    rows = [("1", "receive", "07:50", "08:00", "D"), ("1", "appraise", "16:00", "17:00", "O")]
    frame = pd.DataFrame(
        {
            "province_code": ["H01"],
            "dossier_code": ["1"],
            "paused_from": pd.to_datetime([DAY + "09:00"]).astype("datetime64[us]"),
            "paused_to": pd.to_datetime([DAY + "11:00"]).astype("datetime64[us]"),
            "reason": ["supplement"],
        }
    )
    events = pd.DataFrame(rows, columns=["dossier_code", "label", "started_at", "completed_at", "officer_key"])
    for name in ("started_at", "completed_at"):
        events[name] = pd.to_datetime(DAY + events[name]).astype("datetime64[us]")
    store = store_from(events=events.assign(province_code="H01", source_order=[0, 1]), pauses=frame)
    assert waiting_causes(store, availability="observed").paused_seconds == 2 * HOUR


def test_other_procedures_keep_the_resource_busy(store_of):
    rows = [*QUEUE[:2], QUEUE[3], QUEUE[4]]
    frame = pd.DataFrame(rows, columns=["dossier_code", "label", "started_at", "completed_at", "officer_key"])
    for name in ("started_at", "completed_at"):
        frame[name] = pd.to_datetime(DAY + frame[name]).astype("datetime64[us]")
    dossiers = pd.DataFrame({"province_code": "H01", "dossier_code": ["1", "2"], "procedure_code": ["other", "mine"]})
    events = frame.assign(province_code="H01", source_order=range(4))
    store = store_of(events=events, dossiers=dossiers, office=True)
    found = waiting_causes(store, Selection(procedure="mine"))
    assert found.method.background
    assert found.overall.set_index("cause").loc["contention", "seconds"] == 1.5 * HOUR
    assert len(found.transitions) == 1


def test_without_a_resource_little_can_be_told(store_of):
    rows = [(dossier, label, start, end, None) for dossier, label, start, end, _ in QUEUE]
    store = office_log(store_of, rows)
    found = waiting_causes(store)
    assert found.method.without_resource == 1
    told = found.overall.set_index("cause")["seconds"]
    assert told[["batching", "contention", "prioritisation"]].sum() == 0


def test_an_empty_selection(store_of):
    found = waiting_causes(office_log(store_of, QUEUE), Selection(channels=("post",)))
    assert found.transitions.empty
    assert found.organisations.empty
    assert found.overall["share"].isna().all()


# starts that have to be estimated -----------------------------------------------------------------------------
def test_a_start_is_when_the_resource_became_free(store_of):
    store = office_log(store_of, QUEUE[:6], starts=False)
    found = waiting_causes(store)
    assert found.method.starts == "estimated"
    # as with recorded starts: O is free at 10:00 and at 11:00
    assert causes_of(store, "appraise") == {"contention": 3.25, "prioritisation": 1.0}


def test_nobody_works_while_the_clock_stands():
    log = {"dossier": [0, 0], "step": [0, 1], "resource": [-1, 0], "completed": [10, 100]}
    assert started_at(log)[1] == 10
    assert started_at(log, pauses=[(0, 20.0, 95.0)])[1] == 95
    assert started_at(log, pauses=[(0, 20.0, np.inf)])[1] == 100
    assert started_at(log, pauses=[(0, 5.0, 60.0), (1, 20.0, 95.0)])[1] == 10  # before it was enabled; of another


def started_at(log, **more) -> list[float]:
    return estimate_starts(enable(instances(**log, **more), frozenset())).started.tolist()


def test_recorded_processing_times_tell_how_long_a_step_takes():
    # ten dossiers with a recorded start take 5 seconds; the eleventh lay for 80
    n = 11
    completed = np.column_stack([np.arange(n) * 100.0, np.arange(n) * 100.0 + 80]).ravel()
    recorded = np.where(np.arange(2 * n) % 2 == 1, completed - 5, np.nan)
    recorded[-1] = np.nan
    log = {"dossier": np.repeat(np.arange(n), 2), "step": np.tile([0, 1], n), "resource": np.tile([-1, 0], n)}
    assert started_at(log | {"completed": completed, "recorded": recorded})[-1] == completed[-1] - 5


def test_idle_time_does_not_become_work():
    # one officer, twenty dossiers back to back of one hour, then one that lies for ten hours
    n = 22
    completed = np.array([*np.arange(1, n) * 3600.0, (n + 9) * 3600.0])
    found = instances(
        dossier=np.repeat(np.arange(n), 2),
        step=np.tile([0, 1], n),
        resource=np.tile([-1, 0], n),
        completed=np.column_stack([[*np.zeros(n - 1), (n - 1) * 3600.0], completed]).ravel(),
    )
    started = estimate_starts(enable(found, frozenset())).started[1::2]
    assert started[:-1].tolist() == (completed[:-1] - 3600).tolist()
    assert started[-1] == completed[-1] - 3600


def instances(*, dossier, step, resource, completed, recorded=None, clock=None, pauses=(), deadline=None) -> Instances:
    n = len(dossier)
    return Instances(
        dossier=np.asarray(dossier),
        organisation=np.zeros(n, dtype=np.int64),
        step=np.asarray(step),
        resource=np.asarray(resource),
        group=np.full(n, -1 if clock is None else 0),
        target=np.ones(n, dtype=bool),
        completed=np.asarray(completed, dtype="float64"),
        recorded=np.full(n, np.nan) if recorded is None else np.asarray(recorded, dtype="float64"),
        clocks=Clocks(() if clock is None else (clock,)),
        organisations=["o"],
        pauses=pd.DataFrame(pauses, columns=["dossier", "begin", "end"]),
        deadline=np.full(n, np.nan) if deadline is None else np.asarray(deadline, dtype="float64"),
        availability="calendar",
    )


def test_parallel_steps_do_not_wait_for_each_other():
    orders = [(0, 1, 2, 3), (0, 2, 1, 3)] * 6
    found = instances(
        dossier=np.repeat(np.arange(12), 4),
        step=np.array(orders).ravel(),
        resource=np.zeros(48, dtype=int),
        completed=np.tile([0.0, 10, 20, 30], 12),
    )
    parallel = concurrent_steps(found)
    assert parallel == {(1, 2), (2, 1)}
    ready = enable(found, parallel)
    assert ready.source[:4].tolist() == [-1, 0, 0, 2]
    assert ready.enabled[1:4].tolist() == [0, 0, 20]


def test_rework_is_a_loop_and_not_parallel():
    found = instances(
        dossier=np.repeat(np.arange(8), 5),
        step=np.tile([0, 1, 2, 1, 2], 8),
        resource=np.zeros(40, dtype=int),
        completed=np.tile([0.0, 1, 2, 3, 4], 8),
    )
    assert concurrent_steps(found) == frozenset()


def test_what_was_not_completed_before_the_start_did_not_enable_it():
    found = instances(
        dossier=[0, 0, 0],
        step=[0, 1, 2],
        resource=[0, 1, 2],
        completed=[10, 30, 40],
        recorded=[0, 12, 20],  # 2 begins while 1 is under way
    )
    assert enable(found, frozenset()).source.tolist() == [-1, 0, 0]


# batches by the clock --------------------------------------------------------------------------------------------
def weekly(hours: list[float], n: int) -> np.ndarray:
    """`n` moments, one week apart each, going round the given hours of the week."""
    return np.array([hours[i % len(hours)] + 168 * (i // len(hours)) for i in range(n)]) * HOUR


def test_a_step_done_at_set_hours_makes_dossiers_wait_for_them():
    # enabled at any hour of five days, done on the fifth day from 14:00 on
    n = 60
    enabled = weekly([24 * d + h for d in range(4) for h in range(8, 17)], n)
    done = np.floor(enabled / (168 * HOUR)) * 168 * HOUR + (4 * 24 + 14.5) * HOUR
    found = estimate_starts(
        enable(
            instances(
                dossier=np.repeat(np.arange(n), 2),
                step=np.tile([0, 1], n),
                resource=np.tile([-1, 0], n),
                completed=np.column_stack([enabled, done]).ravel(),
                recorded=np.column_stack([enabled, done]).ravel(),
            ),
            frozenset(),
        )
    )
    opening = batches.opened(found)
    assert np.isnan(opening[::2]).all()  # the first step is not enabled by anything
    assert (opening[1::2] == done - 0.5 * HOUR).all()
    causes = find_causes(found)
    assert causes.clock["batching"] == pytest.approx(done - enabled - 0.5 * HOUR)


def test_a_step_that_follows_another_at_once_has_no_hours_of_its_own():
    n = 60
    enabled = weekly([14.0], n)
    found = instances(
        dossier=np.repeat(np.arange(n), 2),
        step=np.tile([0, 1], n),
        resource=np.tile([-1, 0], n),
        completed=np.column_stack([enabled, enabled + HOUR]).ravel(),
    )
    assert np.isnan(batches.opened(estimate_starts(enable(found, frozenset())))).all()


@pytest.mark.parametrize(
    ("deadline", "busy", "kept"),
    [(100, False, True), (100, True, False), (200, False, False), (None, False, False), (94, False, False)],
)
def test_a_dossier_kept_for_its_due_day(deadline, busy, kept):
    # enabled at hour 10, done in hour 95 by an officer who is free, or works on another dossier from 12 to 94
    log = {
        "dossier": [0, 0, 1, 1],
        "step": [0, 1, 0, 2],
        "resource": [-1, 0, -1, 0],
        "completed": np.array([10.0, 95.0, 11.0, 94.0 if busy else 11.5]) * HOUR,
        "recorded": np.array([10.0, 94.0, 11.0, 12.0 if busy else 11.5]) * HOUR,
        "deadline": [np.nan if deadline is None else deadline * HOUR] * 4,
    }
    causes = find_causes(estimate_starts(enable(instances(**log), frozenset())))
    assert causes.place[0] == 1
    assert causes.clock["batching"][0] == (84 * HOUR if kept else 0)


# minute by minute -----------------------------------------------------------------------------------------------
OFF = np.array([minute % 24 < 6 for minute in range(400)])  # the first six of every 24 minutes nobody works


def polygon() -> WorkTime:
    return WorkTime(np.arange(401.0), np.concatenate([[0.0], np.cumsum(~OFF)]))


def account(found: Instances, ready: np.ndarray) -> dict[str, float]:
    """Every waited minute given to a cause by looking at it."""
    out = dict.fromkeys(CAUSES, 0.0)
    for i in range(len(found.step)):
        if not found.started[i] > found.enabled[i]:
            continue
        mates = [j for j in range(len(found.step)) if j != i and found.resource[j] == found.resource[i] >= 0]
        mates.sort(key=lambda j: (found.started[j], found.completed[j], j))
        for minute in range(int(found.enabled[i]), int(found.started[i])):
            running = next((j for j in mates if found.completed[j] > minute), None)
            if minute < ready[i]:
                out["batching"] += 1
            elif running is not None and found.started[running] <= minute:
                since = found.enabled[running]
                since = found.started[running] if np.isnan(since) else since
                out["contention" if since <= found.enabled[i] else "prioritisation"] += 1
            elif OFF[minute]:
                out["unavailability"] += 1
            else:
                out["extraneous"] += 1
    return out


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), n=st.integers(2, 14), resources=st.integers(1, 3), alone=st.booleans())
def test_equal_to_a_minute_by_minute_account(seed, n, resources, alone):
    random = np.random.default_rng(seed)
    dossier = np.sort(random.integers(0, max(2, n // 3), n))
    completed = np.zeros(n)
    for one in np.unique(dossier):
        mine = dossier == one
        completed[mine] = np.sort(random.integers(1, 200, mine.sum()))
    recorded = completed - random.integers(0, 25, n)
    resource = random.integers(-1, resources, n)
    found = instances(
        dossier=dossier,
        step=random.integers(0, 3, n),
        resource=resource,
        completed=completed,
        recorded=np.maximum(recorded, 0),
        clock=polygon(),
    )
    found = enable(found, frozenset())
    found = estimate_starts(found)
    if alone:  # resources that do one thing at a time, as most do
        found = one_at_a_time(found)
    causes = find_causes(found)
    ready = np.full(n, -1.0)
    ready[causes.place] = found.enabled[causes.place] + causes.clock["batching"]
    expected = account(found, ready)
    assert {c: causes.clock[c].sum() for c in CAUSES} == pytest.approx(expected)
    worked = found.worked(found.started)[causes.place] - found.worked(found.enabled)[causes.place]
    assert sum(causes.working[c] for c in CAUSES) == pytest.approx(worked)
    assert all((causes.clock[c] >= causes.working[c] - 1e-9).all() for c in CAUSES)


def one_at_a_time(found: Instances) -> Instances:
    from dataclasses import replace

    started = found.started.copy()
    for resource in range(found.resource.max() + 1):
        mine = np.flatnonzero(found.resource == resource)
        mine = mine[np.argsort(found.completed[mine], kind="stable")]
        for before, after in pairwise(mine):
            started[after] = max(started[after], found.completed[before])
    return replace(found, started=np.minimum(started, found.completed))


# the purchasing log ---------------------------------------------------------------------------------------------
def purchasing(store_of, *, starts: bool):
    with gzip.open(shared_log("PurchasingExample.csv.gz")) as file:
        frame = pd.read_csv(file)
    times = {n: pd.to_datetime(frame[n], utc=True).dt.tz_localize(None) for n in ("start_time", "end_time")}
    events = pd.DataFrame(
        {
            "province_code": "ORG",
            "dossier_code": frame["case_id"].astype(str),
            "label": frame["activity"],
            "officer_key": frame["resource"],
            "completed_at": times["end_time"].astype("datetime64[us]"),
            "source_order": range(len(frame)),
        }
    )
    if starts:
        events["started_at"] = times["start_time"].astype("datetime64[us]")
    return store_of(events=events)


def test_purchasing_log_with_recorded_starts(store_of):
    found = waiting_causes(purchasing(store_of, starts=True))
    assert found.basis.n_dossiers == 608
    assert found.method.starts == "recorded"
    shares = found.overall.set_index("cause")["share"]
    assert shares.sum() == pytest.approx(1)
    assert (found.overall["low"] <= found.overall["share"]).all()
    assert shares["contention"] + shares["prioritisation"] > 0.05


def union(spans: np.ndarray) -> float:
    """Length of the union of intervals, rows (begin, end)."""
    total, until = 0.0, -np.inf
    for begin, end in spans[np.argsort(spans[:, 0])]:
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def test_busy_time_of_the_purchasing_log_equals_a_plain_reckoning(store_of):
    """Contention and prioritisation of instances in no batch, interval by interval as the paper's tool does."""
    found = fetch_instances(
        purchasing(store_of, starts=True), Selection(), by="province_code", availability="auto", background=False
    )
    found = estimate_starts(enable(found, concurrent_steps(found)))
    causes = find_causes(found)
    begin = np.where(np.isnan(found.enabled), found.started, found.enabled)
    expected = dict.fromkeys(("contention", "prioritisation"), 0.0)
    unbatched = causes.clock["batching"] == 0
    for i in causes.place[unbatched]:
        same = (found.resource == found.resource[i]) & (np.arange(len(begin)) != i)
        same &= (found.started < found.started[i]) & (found.completed > begin[i])
        spans = np.column_stack([found.started[same], found.completed[same]]).clip(begin[i], found.started[i])
        expected["contention"] += union(spans[begin[same] <= begin[i]])
        expected["prioritisation"] += union(spans) - union(spans[begin[same] <= begin[i]])
    for cause, seconds in expected.items():
        assert causes.clock[cause][unbatched].sum() == pytest.approx(seconds, rel=0.02)


def test_estimated_starts_of_the_purchasing_log_are_near_the_recorded(store_of):
    recorded = waiting_causes(purchasing(store_of, starts=True)).overall.set_index("cause")["share"]
    estimated = waiting_causes(purchasing(store_of, starts=False))
    assert estimated.method.starts == "estimated"
    assert (estimated.overall.set_index("cause")["share"] - recorded).abs().max() < 0.15


def check_organisations(rows: pd.DataFrame, planted: pd.DataFrame) -> None:
    """Hours by cause of each organisation follow the planted ones; a batch of one leaves no trace, so some are missed."""
    large = planted.groupby("province")["n"].sum().loc[lambda n: n >= 200].index
    causes = [cause for cause in CAUSES if cause != "unavailability"]  # outside working hours: none in working time
    hours = planted[causes].mul(planted["n"], axis=0).groupby(planted["province"]).sum().loc[large]
    found = rows.groupby("organisation")[[f"{cause}_working_seconds" for cause in causes]].sum().loc[large] / HOUR
    found.columns = causes
    assert len(large) >= 30
    assert (found.sum(axis=1) / hours.sum(axis=1)).between(0.65, 1.05).all()
    assert all(found[cause].corr(hours[cause]) > 0.9 for cause in ("batching", "contention", "extraneous"))


@pytest.mark.slow
def test_the_truth_of_the_synthetic_log_is_found_step_by_step(tmp_path):
    """Completions alone, artefacts and local names; the truth is hours by cause and step."""
    from workbench.intake import load
    from workbench.simulate.scenario import load_scenario
    from workbench.simulate.synthesise import synthesise
    from workbench.store import open_store

    synthesise(load_scenario(), dossiers=20_000, seed=3, out=tmp_path / "log")
    truth = json.loads((tmp_path / "log" / "truth.json").read_text("utf-8"))
    with open_store(tmp_path / "s.duckdb") as store:
        load(store, [tmp_path / "log"], now=datetime(2027, 1, 1))
        rows = waiting_causes(store).by_transition
    check_organisations(rows, pd.DataFrame(truth["waiting_by_province"]))
    step_of = {(one["province"], one["label"]): one["step"] for one in truth["vocabulary"]}
    rows["step"] = [step_of.get(pair) for pair in zip(rows["organisation"], rows["target"], strict=True)]
    found = rows.groupby("step")[[f"{cause}_working_seconds" for cause in CAUSES]].sum() / HOUR
    found.columns = list(CAUSES)
    planted = pd.DataFrame(truth["waiting"])
    hours = planted[list(CAUSES)].mul(planted["n"], axis=0).groupby(planted["step"]).sum()
    hours = hours.drop(columns="unavailability").loc[hours.index.isin(found.index)]
    found = found.loc[hours.index, hours.columns]
    assert 0.7 < found.to_numpy().sum() / hours.to_numpy().sum() < 1.1
    planted_share = hours.div(hours.sum(axis=1), axis=0)
    batched, outside = (planted_share[cause] > 0.95 for cause in ("batching", "extraneous"))
    assert batched.sum() >= 4
    assert outside.sum() >= 4
    assert found[batched]["batching"].sum() / found[batched].to_numpy().sum() > 0.4
    assert found[outside]["extraneous"].sum() / found[outside].to_numpy().sum() > 0.9
    assert found[outside]["batching"].sum() / found[outside].to_numpy().sum() < 0.08
