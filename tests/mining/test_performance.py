"""Throughput, waiting per step and hand-over, counted by hand."""

from __future__ import annotations

import pandas as pd
import pm4py
import pytest

from tests.mining.logs import events_of, timed_events, xes_frame
from workbench.mining.performance import performance, throughput
from workbench.selection import Selection

ROWS = [
    ("H01", "1", "receive", "2024-01-02 08:00"),  # a Tuesday
    ("H01", "1", "appraise", "2024-01-03 10:00"),  # 26 h clock, 10 h working
    ("H01", "1", "sign", "2024-01-03 16:00"),  # 6 h clock, 5 h working
    ("H01", "2", "receive", "2024-01-02 09:00"),
    ("H01", "2", "appraise", "2024-01-02 11:00"),  # 2 h
]
UNITS = ["desk", "office", "head", "desk", "desk"]
HOUR = 3600


@pytest.fixture(scope="module")
def log(store_of):
    starts = [None, "2024-01-03 09:00", None, None, None]
    due = [None, "2024-01-03 09:30", "2024-01-03 17:00", None, "2024-01-02 11:00"]
    return store_of(events=timed_events(ROWS, unit=UNITS, started_at=starts, step_due_at=due), office=True)


def test_throughput_in_clock_and_working_time(log):
    found = performance(log)
    rows = found.throughput.set_index("measure")
    assert rows.loc["clock", "n"] == 2
    assert rows.loc["clock", "max_seconds"] == 32 * HOUR
    assert rows.loc["clock", "median_seconds"] == 17 * HOUR
    assert found.without_end == 2


def test_only_the_measures_wanted_are_given(log):
    every, wanted = throughput(log), throughput(log, measures=("working", "clock"))
    assert wanted.table.equals(every.table.head(2))
    assert (wanted.without_end, wanted.impossible) == (every.without_end, every.impossible)


def test_waiting_per_step_and_its_share(log):
    steps = performance(log).steps.set_index("step")
    assert steps.loc["appraise", "waits"] == 2
    assert steps.loc["appraise", "total_seconds"] == 28 * HOUR
    assert steps.loc["appraise", "total_working_seconds"] == 12 * HOUR
    assert steps.loc["sign", "median_working_seconds"] == 5 * HOUR
    assert steps.loc["appraise", "share"] == pytest.approx(28 / 34)
    assert steps.loc["receive", "waits"] == 0
    assert steps.index[0] == "appraise"


def test_processing_apart_from_waiting_where_starts_are_known(log):
    appraise = performance(log).steps.set_index("step").loc["appraise"]
    assert appraise["started"] == 1
    assert appraise["median_processing_seconds"] == HOUR
    assert appraise["median_waiting_seconds"] == 25 * HOUR
    assert appraise["median_waiting_working_seconds"] == 9 * HOUR


def test_breaches_of_step_deadlines(log):
    steps = performance(log).steps.set_index("step")
    assert steps.loc["appraise", ["with_due", "breaches"]].tolist() == [2, 1]
    assert steps.loc["appraise", "breach_share"] == 0.5
    assert pd.isna(steps.loc["receive", "breach_share"])


def test_handovers_between_units(log):
    found = performance(log)
    pairs = found.handovers.set_index(["unit", "next_unit"])
    assert pairs.loc[("desk", "office"), "total_seconds"] == 26 * HOUR
    assert pairs.loc[("office", "head"), "count"] == 1
    assert ("desk", "desk") not in pairs.index
    assert found.handover_share == pytest.approx(32 / 34)


def test_without_units_nothing_is_said_of_handovers(store_of):
    assert performance(store_of({("H01", "1"): "a b"})).handover_share is None


def test_a_dossier_that_ends_before_it_was_received_is_left_out(store_of):
    dossiers = pd.DataFrame(
        {
            "province_code": "H01",
            "dossier_code": ["1", "2"],
            "accepted_at": pd.to_datetime(["2024-01-02 08:00", "2024-01-02 08:00"]).astype("datetime64[us]"),
            "closed_at": pd.to_datetime(["2024-01-02 10:00", "2024-01-01 10:00"]).astype("datetime64[us]"),
        }
    )
    found = performance(store_of({("H01", "1"): "a b", ("H01", "2"): "a b"}, dossiers=dossiers))
    assert found.impossible == 1
    rows = found.throughput.set_index("measure")
    assert rows.loc["clock", ["n", "min_seconds"]].tolist() == [1, 2 * HOUR]


def test_an_empty_selection_says_so(log):
    found = performance(log, Selection(channels=("post",)))
    assert found.basis.n_dossiers == 0
    assert found.throughput["n"].tolist() == [0, 0, 0, 0]
    assert found.impossible == 0
    assert found.steps.empty


def test_receipt_log_durations_equal_pm4py(store_of):
    frame = xes_frame("receipt_WABO_CoSeLoG.xes.gz")
    rows = performance(store_of(events=events_of(frame))).throughput.set_index("measure")
    theirs = pd.Series(pm4py.get_all_case_durations(frame))
    clock = rows.loc["events"]
    assert clock["n"] == 1434
    # without dates of its own a dossier begins and ends with its events
    assert rows.loc["clock"].to_numpy() == pytest.approx(clock.to_numpy())
    assert clock["median_seconds"] == pytest.approx(theirs.median(), abs=1e-5)
    assert clock["mean_seconds"] == pytest.approx(theirs.mean(), rel=1e-9)
    assert clock["p90_seconds"] == pytest.approx(theirs.quantile(0.9), rel=1e-9)
