"""The way to the unified procedure and how far everyone has come, counted by hand."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harmonise.logs import closed_log, counts, traces
from tests.mining.models import bpmn
from workbench.clock import install_calendars
from workbench.errors import ModelError, TooFewCases
from workbench.harmonise.migration.migration import migration_plan, rewritten, time_limits
from workbench.harmonise.migration.tracking import distances, track_distance
from workbench.mining.alignments import align
from workbench.mining.pm4py_door import to_petri
from workbench.selection import Selection

P = Selection(procedure="1.000001")
STRAIGHT = bpmn("s>a a>b b>c c>e")


def test_a_plan_by_hand(store_from):
    store = store_from(**closed_log(traces(A="a x b c x40", B="a b c x30, a c x10", C="a b c x35", D="a c b c x5")))
    plan = migration_plan(store, P, STRAIGHT)
    table = plan.organisations.set_index("organisation")
    # A: every dossier has one event too many: cost 1 of 4 + 3; dropping x leaves nothing
    assert table.loc["A", ["add", "drop", "move", "cases_affected"]].tolist() == [0, 1, 0, 40]
    assert table.loc["A", "distance_before"] == pytest.approx(1 / 7)
    assert table.loc["A", "distance_after"] == 0
    # B: ten of forty lack b: cost 10 of 30 * 6 + 10 * 5
    assert table.loc["B", ["add", "drop", "cases_affected"]].tolist() == [1, 0, 10]
    assert table.loc["B", "distance_before"] == pytest.approx(10 / 230)
    # A takes away 40 / 7 dossiers' worth for one change, B 40 * 10 / 230; D has too few; C needs nothing
    assert plan.organisations["organisation"].tolist() == ["A", "B", "D", "C"]
    assert plan.organisations["wave"].tolist() == [1, 2, 3, 0]
    reasons = ["gain_per_change", "gain_per_change", "too_few_cases", "nothing_to_change"]
    assert plan.organisations["reason"].tolist() == reasons
    assert set(plan.gaps) == {"no_step_deadlines", "few_cases"}


def test_unlisted_changes_are_left_alone(store_from):
    store = store_from(**closed_log(traces(A="a b c x95, a x b c x5", B="a b c x40")))
    plan = migration_plan(store, P, STRAIGHT)
    assert plan.organisations["changes"].tolist() == [0, 0]
    a = plan.organisations.set_index("organisation").loc["A"]
    assert a["distance_before"] == pytest.approx(a["distance_after"])
    assert a["distance_before"] == pytest.approx(5 / (95 * 6 + 5 * 7))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcx"), max_size=6))
def test_all_changes_made_follow_the_model(steps):
    """Property: a dossier with every change its alignment asks for has no distance left."""
    net = to_petri(STRAIGHT)
    variants = counts(" ".join(steps) + " x1")
    (moves,) = align(net, variants).moves
    wanted = {f"{action} {step}": action for action in ("add", "drop", "move") for step in "abcx"}
    assert rewritten(moves, wanted) == ("a", "b", "c")
    assert rewritten(moves, {}) == variants[0][0]


def test_limits_beside_the_common_one(store_from):
    given = closed_log(traces(A="a b x3", B="a b x3", C="a b x3"))
    # b is due 8, 8 and 16 working hours after a
    allowed = {"A": 24, "B": 24, "C": 48}
    events = given["events"]
    due = events["completed_at"] - pd.Timedelta(hours=1) + pd.to_timedelta(events["province_code"].map(allowed), "h")
    given["events"] = events.assign(step_due_at=due.where(events["label"] == "b"))
    store = store_from(**given)
    install_calendars(store)
    table = time_limits(store, P.with_(closed=True), by="province_code", steps=("a", "b"))
    assert table[["organisation", "step", "limit_hours", "common_hours", "change_hours"]].to_numpy().tolist() == [
        ["C", "b", 16.0, 8.0, -8.0]
    ]
    assert table.attrs["events"] == 9


def test_an_unsound_model_is_refused(store_from):
    store = store_from(**closed_log(traces(A="a b x3", B="a b x3")))
    unsound = _deadlock()
    with pytest.raises(ModelError, match="not sound"):
        migration_plan(store, P, unsound)
    with pytest.raises(ModelError, match="not sound"):
        track_distance(store, P, unsound)


def _deadlock():
    """A choice that an AND gateway waits for both sides of."""
    from workbench.mining.model import Bpmn, Flow, Node

    nodes = [Node("s", "start"), Node("e", "end"), Node("x", "xor"), Node("j", "and")]
    nodes += [Node("t1", "task", "a"), Node("t2", "task", "b")]
    flows = [("s", "x"), ("x", "t1"), ("x", "t2"), ("t1", "j"), ("t2", "j"), ("j", "e")]
    return Bpmn(tuple(nodes), tuple(Flow(a, b) for a, b in flows))


def months(organisation: str, k: int) -> datetime:
    """Dossier k of a log in month 1 + k // 40."""
    return datetime(2024, 1 + k // 40, 2, 8)


def test_the_distance_falls_after_the_day(store_from):
    # January and February with the extra step, March and April without it
    store = store_from(**closed_log(traces(A="a x b c x80, a b c x1"), months))
    found = track_distance(store, P, STRAIGHT)
    assert found.gaps == ("no_date", "few_cases")
    given = {("A", f"A-{k}"): ("a", "x", "b", "c") if k < 80 else ("a", "b", "c") for k in range(160)}
    store = store_from(**closed_log(given, months))
    found = track_distance(store, P, STRAIGHT, since=date(2024, 3, 1))
    everyone = found.months[found.months["organisation"] == "all"]
    assert everyone["dossiers"].tolist() == [40, 40, 40, 40]
    assert everyone["distance"].tolist() == pytest.approx([1 / 7, 1 / 7, 0, 0])
    assert everyone["after"].tolist() == [False, False, True, True]
    assert everyone["following"].tolist() == [0, 0, 1, 1]
    (row,) = found.change[found.change["organisation"] == "A"].to_dict("records")
    assert row["difference"] == pytest.approx(-1 / 7)
    assert row["high"] < 0
    assert (row["dossiers_before"], row["dossiers_after"]) == (80, 80)


def test_the_variance_of_a_distance_by_hand():
    rows = pd.DataFrame({"g": ["A", "A"], "n": [2, 2], "cost": [0.0, 2.0], "worst": [6.0, 8.0]})
    (row,) = distances(rows, ["g"]).to_dict("records")
    # 4 of 28; residuals -6/7 (twice) and 6/7 (twice); variance 4 * (36/49) / 784 * 4/3
    assert row["distance"] == pytest.approx(1 / 7)
    assert row["variance"] == pytest.approx(4 * 36 / 49 / 784 * 4 / 3)
    assert row["following"] == 0.5


def test_open_dossiers_only_and_nothing_after_the_day(store_from):
    given = closed_log(traces(A="a b c x3", B="a b c x3"))
    store = store_from(**{**given, "dossiers": given["dossiers"].drop(columns="closed_at")})
    with pytest.raises(TooFewCases):
        track_distance(store, P, STRAIGHT)
    with pytest.raises(TooFewCases):
        migration_plan(store, P, STRAIGHT)
    found = track_distance(store_from(**given), P, STRAIGHT, since=date(2030, 1, 1))
    assert "nothing_after" in found.gaps
    assert found.change.empty


def test_foreign_step_names_are_said(store_from):
    store = store_from(**closed_log(traces(A="A1 B1 x3", B="A1 B1 x3")))
    assert "unknown_steps" in migration_plan(store, P, STRAIGHT).gaps
    assert "unknown_steps" in track_distance(store, P, STRAIGHT).gaps
