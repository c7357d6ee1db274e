"""Hand-overs, ping-pong and workload, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.mining.logs import timed_events
from workbench.mining.organisation import handovers, workload
from workbench.selection import Selection

HOUR = 3600
ROWS = [
    ("H01", "1", "receive", "2024-01-02 08:00"),  # a Tuesday
    ("H01", "1", "check", "2024-01-02 10:00"),
    ("H01", "1", "ask", "2024-01-02 11:00"),
    ("H01", "1", "check", "2024-01-02 14:00"),
    ("H01", "2", "receive", "2024-01-03 08:30"),
    ("H01", "2", "file", "2024-01-03 09:00"),
    ("H01", "2", "check", "2024-01-03 10:00"),
    ("H01", "3", "receive", "2024-02-05 08:30"),
]
UNITS = ["desk", "office", "desk", "office", "desk", "desk", "office", None]


@pytest.fixture(scope="module")
def log(store_of):
    return store_of(events=timed_events(ROWS, unit=UNITS), office=True)


def test_hand_overs_between_units(log):
    found = handovers(log)
    pairs = found.edges.set_index(["unit", "next_unit"])
    assert pairs["count"].to_dict() == {("desk", "office"): 3, ("office", "desk"): 1}
    assert pairs.loc[("desk", "office"), "dossiers"] == 2
    assert pairs.loc[("desk", "office"), "median_seconds"] == 2 * HOUR  # 2, 3 and 1 hours
    assert pairs.loc[("desk", "office"), "median_working_seconds"] == 2 * HOUR  # 2, 2 and 1: noon is not worked
    assert found.without_unit == 1 / 8


def test_units_hand_on_and_receive(log):
    rows = handovers(log).units.set_index("unit")
    assert rows.loc["desk", ["events", "dossiers", "handed_on", "received"]].tolist() == [4, 2, 3, 1]
    assert rows.loc["office", "handed_share"] == pytest.approx(1 / 3)


def test_ping_pong_is_there_and_straight_back(log):
    found = handovers(log).ping_pong
    assert found.to_numpy().tolist() == [["desk", "office", 1, 1], ["office", "desk", 1, 1]]


def test_a_detour_over_a_third_unit_is_no_ping_pong(store_of):
    rows = [("H01", "1", step, f"2024-01-02 {hour:02}:00") for hour, step in enumerate("abcd", 8)]
    store = store_of(events=timed_events(rows, unit=["x", "y", "z", "x"]))
    assert handovers(store).ping_pong.empty


def test_hand_overs_per_dossier(log):
    rows = handovers(log).per_dossier.set_index("figure")
    assert rows.loc["handovers", "max"] == 3
    assert rows.loc["handovers", "mean"] == 2
    assert rows.loc["units", "median"] == 2


def test_workload_by_hour_of_the_week(log):
    rows = workload(log).by_hour.set_index(["weekday", "hour"])
    assert len(rows) == 7 * 24
    assert rows.loc[(2, 8), "completed"] == 1
    assert rows.loc[(3, 8), ["completed", "received"]].tolist() == [1, 1]
    assert rows.loc[(1, 8), "received"] == 1
    assert rows["completed"].sum() == 8


def test_workload_by_unit_and_month(log):
    found = workload(log)
    units = found.by_unit.set_index("unit")
    assert units.loc["desk", ["events", "dossiers", "months"]].tolist() == [4, 2, 1]
    assert pd.isna(units.loc["desk", "events_per_officer_month"])
    months = found.by_month.set_index("month")
    assert months["received"].to_dict() == {"2024-01": 2, "2024-02": 1}
    assert months["open_at_end"].to_dict() == {"2024-01": 2, "2024-02": 3}


def test_an_empty_selection(log):
    nothing = Selection(channels=("post",))
    assert handovers(log, nothing).edges.empty
    assert handovers(log, nothing).without_unit is None
    assert workload(log, nothing).by_hour["completed"].sum() == 0
    assert workload(log, nothing).by_month.empty
