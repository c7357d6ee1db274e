"""Indicators counted by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.clock.conftest import build
from workbench.clock import prepare_clocks
from workbench.errors import SelectionError, TooFewCases
from workbench.indicators import cheapest_points, compute_indicators
from workbench.selection import Selection

MARCH = Selection(start=date(2024, 3, 1), end=date(2024, 3, 31))
BASE = {
    "procedure_code": "p1",
    "status": 9,
    "accepted_at": "4/3 8:00",
    "submitted_at": "4/3 8:00",
    "due_at": "7/3 8:00",
}
FLAGS = ("digitised", "result_electronic", "data_reused", "identity_verified")
NOTHING = {**dict.fromkeys(FLAGS), "channel": None, "fee_paid_online": None, "fee_vnd": None}
# H01 carries every field; H02 carries none of them.
DOSSIERS = [
    {"closed_at": "6/3 8:00", "channel": "online", "result_electronic": True, "digitised": True, "fee_vnd": 10000.0,
     "fee_paid_online": 1, "data_reused": True, "identity_verified": True},
    {"closed_at": "8/3 8:00", "channel": "online", "result_electronic": False, "digitised": True, "fee_vnd": 10000.0},
    {"closed_at": "6/3 8:00", "channel": "desk", "result_electronic": True, "digitised": False, "fee_vnd": 0.0},
    {"closed_at": None, "status": 4, "channel": None, "digitised": True, "fee_vnd": 10000.0, "fee_paid_online": 2,
     "identity_verified": True},
    # Received in February: done in March on time; pending and overdue; done in February.
    {"accepted_at": "26/2 8:00", "submitted_at": "26/2 8:00", "closed_at": "4/3 8:00", "channel": "online",
     "result_electronic": True, "digitised": True, "procedure_code": "p2"},
    {"accepted_at": "26/2 8:00", "submitted_at": "26/2 8:00", "due_at": "1/3 8:00", "closed_at": None, "status": 4},
    {"accepted_at": "26/2 8:00", "submitted_at": "26/2 8:00", "closed_at": "28/2 8:00"},
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    one = [{**BASE, **NOTHING, "dossier_code": f"a{n}", **given} for n, given in enumerate(DOSSIERS)]
    two = [
        {**BASE, **NOTHING, "dossier_code": f"b{n}", "province_code": "H02", "closed_at": "6/3 8:00"} for n in range(3)
    ]
    tick = [{"dossier_code": "a3", "label": "x", "completed_at": "20/3 8:00", "status": 4}]
    with build(tmp_path_factory.mktemp("indicators") / "s.duckdb", one + two, events=tick) as made:
        prepare_clocks(made)
        yield made


@pytest.fixture(scope="module")
def march(store):
    return compute_indicators(store, MARCH, by="province_code", reported={"H01": 5})


def row(table: pd.DataFrame, group: str, key: str) -> pd.Series:
    return table[(table["group"] == group) & (table["id"] == key)].iloc[0]


@pytest.mark.parametrize(
    ("key", "numerator", "denominator", "points"),
    [
        ("1.4", 4, 5, 6 * 0.8),  # four received in March, five in the national report
        ("2.1", 3, 5, 20 * 0.6),  # a0, a2 and a4 on time; a1 late; a3 pending and overdue on 20/3
        ("3.3", 1, 4, None),  # online with an electronic result; no points published
        ("3.6", 2, 3, 6 * 2 / 3),  # a2 has a fee of 0
        ("4.1", 3, 4, 6 * 0.75),  # done in March: a0, a1, a2, a4
        ("4.2", 2, 4, 4 * 0.5 / 0.8),
        ("4.3", 3, 4, 2 * 0.75 / 0.8),
        ("4.4", 1, 4, 4 * 0.25),
        ("4.5b", 2, 4, 2 * 0.5),
        ("5.4", 3, 5, 6 * 0.6 / 0.9),
    ],
)
def test_by_hand(march, key, numerator, denominator, points):
    found = row(march.table, "H01", key)
    assert (found.numerator, found.denominator) == (numerator, denominator)
    if points is None:
        assert pd.isna(found.points) and pd.isna(found.points_lost)
    else:
        assert found.points == pytest.approx(points)
        assert found.points + found.points_lost == pytest.approx(found.max_points)
    assert found.too_few


def test_online_ratio_is_multiplied_by_synchronisation(march, store):
    found = row(march.table, "H01", "3.3")
    assert found.ratio == pytest.approx(1 / 4 * 4 / 5)
    assert found.note == "times_sync"
    alone = row(compute_indicators(store, MARCH).table, "all", "3.3")
    assert alone.note == "sync_unknown"
    assert (alone.numerator, alone.denominator, alone.left_out) == (1, 4, 3)


def test_null_is_not_zero(march):
    for key in ("3.3", "3.6", "4.1", "4.2", "4.3", "4.4", "4.5b"):
        found = row(march.table, "H02", key)
        assert pd.isna(found.numerator) and pd.isna(found.ratio) and pd.isna(found.points), key
    assert row(march.table, "H02", "4.3").note == "field_empty"
    assert row(march.table, "H02", "4.3").left_out == 3
    assert row(march.table, "H02", "3.6").note == "no_dossiers" or row(march.table, "H02", "3.6").note == "field_empty"
    sync = row(march.table, "H02", "1.4")
    assert (sync.numerator, sync.note) == (3, "numerator_only")
    assert pd.isna(sync.ratio)


def test_assumed_conversions_are_marked(march):
    marks = march.table[march.table["group"] == "H01"].set_index("id").points_verified
    assert {key for key, verified in marks.items() if verified} == {"4.2", "4.3", "5.4"}
    assert march.label == "recomputed"
    assert march.basis.clock == "portal"


def test_carried_over_and_mean_time(march):
    carried = march.carried_pending.set_index("group")
    assert carried.loc["H01", ["dossiers", "late"]].tolist() == [1, 1]
    times = march.times.set_index(["group", "procedure_code"])
    assert times.loc[("H01", "p1"), ["completed", "pending"]].tolist() == [3, 1]
    assert times.loc[("H01", "p1"), "mean_working_days"] == pytest.approx((2 + 4 + 2) / 3)
    assert times.loc[("H01", "p1"), "pending_mean_age_working_days"] == pytest.approx(12)  # 4/3 to 20/3


def test_alternatives(march):
    ways = march.alternatives[march.alternatives["group"] == "H01"].set_index("variant")
    assert ways.loc["closed_only", ["numerator", "denominator"]].tolist() == [3, 4]
    assert ways.loc["received_only", ["numerator", "denominator"]].tolist() == [2, 4]
    assert ways.loc["online_without_result", ["numerator", "denominator"]].tolist() == [2, 4]


def test_periods_are_cut(store):
    both = compute_indicators(store, MARCH.with_(start=date(2024, 2, 1)), every="month")
    on_time = both.table[both.table.id == "2.1"].set_index("start")
    assert on_time.index.tolist() == [date(2024, 2, 1), date(2024, 3, 1)]
    # In February a5 and a4 are pending in time on its last day, a6 is done.
    assert on_time.loc[date(2024, 2, 1), ["numerator", "denominator"]].tolist() == [3, 3]
    assert str(on_time.loc[date(2024, 2, 1), "as_of"])[:19] == "2024-02-29 23:59:59"
    assert on_time.loc[date(2024, 3, 1), ["numerator", "denominator"]].tolist() == [6, 8]


def test_an_empty_period_is_a_gap(store):
    nothing = compute_indicators(store, Selection(start=date(2023, 1, 1), end=date(2023, 1, 31)))
    assert nothing.table.empty and nothing.times.empty


def test_refusals(store):
    with pytest.raises(SelectionError, match="begins on"):
        compute_indicators(store, Selection(start=date(2024, 3, 2), end=date(2024, 3, 1)))
    with pytest.raises(SelectionError, match="'week'"):
        compute_indicators(store, MARCH, every="week")
    with pytest.raises(TooFewCases):
        compute_indicators(store, Selection(provinces=("H09",)))


def test_cheapest_points(march):
    cheap = cheapest_points(march).table
    one = cheap[cheap["group"] == "H01"].set_index("action")
    late = one.loc["finish_on_time"]
    assert late.indicators == "2.1, 5.4"
    assert late.points_per_dossier == pytest.approx(20 / 5 + 6 / 0.9 / 5)
    assert late.dossiers == 2
    assert late.points == pytest.approx(8 + 2)
    assert not late.points_verified
    assert one.index[0] == "finish_on_time"
    assert one.loc["digitise", "dossiers"] == 1  # 80 % of four are reached with the fourth
    assert one.loc["digitise", "points"] == pytest.approx(2 - 2 * 0.75 / 0.8)
    rate = one.points / one.cost
    assert rate.is_monotonic_decreasing
    assert one.cumulative_points.iloc[-1] == pytest.approx(one.points.sum())
    dear = cheapest_points(march, costs={"finish_on_time": 100}).table
    assert dear[dear["group"] == "H01"].action.iloc[-1] == "finish_on_time"
    with pytest.raises(ValueError, match="'pray'"):
        cheapest_points(march, costs={"pray": 1})
