import numpy as np
import pandas as pd
import pytest

from workbench.clock import install_calendars
from workbench.errors import ModelError, TooFewCases
from workbench.results import Basis
from workbench.selection import Selection
from workbench.simulate import Practice, Remove, Scale, Staff, StepTime, Together, observe, what_if

HOUR = 3600


def practice(*, work=(), gap=HOUR):
    """a (arrival) - b 2 h - c 1 h - d 3 h; b by the unit B. One dossier every `gap` seconds."""
    none = np.empty(0, dtype=np.int64)
    times = {
        "a": StepTime(none, none, None),
        "b": StepTime(np.array([2 * HOUR]), np.array(work, dtype=np.int64), "B"),
        "c": StepTime(np.array([HOUR]), none, "C"),
        "d": StepTime(np.array([3 * HOUR]), none, "D"),
    }
    arrivals = np.arange(100, dtype=np.int64) * gap
    return Practice(((("a", "b", "c", "d"), 100),), times, arrivals, 6.0, Basis(100))


def test_without_changes_nothing_changes():
    out = what_if(practice(), [], dossiers=50)
    assert out.table["mean"].tolist() == [6.0, 6.0]
    assert out.saved_hours == 0 and out.interval == (0.0, 0.0)
    assert out.calibration == (6.0, 6.0)


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        (Remove("c"), 5.0),
        (Remove("a"), 6.0),
        (Scale("d", 0.5), 4.5),
        (Together(("b", "c")), 5.0),
        (Together(("b", "c", "d")), 3.0),
        (Together(("b", "d")), 6.0),  # they do not follow one another
    ],
)
def test_changes_by_hand(change, hours):
    out = what_if(practice(), [change], dossiers=20)
    assert out.table["mean"].tolist() == [6.0, hours]
    assert out.saved_hours == pytest.approx(6.0 - hours)


def test_removing_the_first_step_leaves_the_time_of_the_second():
    assert what_if(practice(), [Remove("a")], dossiers=20).saved_hours == 0


def test_staff_is_a_queue():
    # b is 90 minutes of work and a dossier comes every hour: with one officer dossier n waits n half hours.
    busy = practice(work=[5400] * 30)
    out = what_if(busy, [Staff("B", 1, 2)], dossiers=10, seed=3)
    assert out.table["mean"].tolist() == pytest.approx([5.5 + np.mean(np.arange(10)) / 2, 5.5])


def test_a_loop_passes_a_step_more_than_once():
    base = practice()
    looped = Practice(((("a", "b", "c", "b", "d"), 5),), base.times, base.arrivals, 8.0, base.basis)
    out = what_if(looped, [Remove("c")], dossiers=10)
    steps = out.steps.set_index("step")
    assert steps.loc["b", "passes_today"] == 2 and steps.loc["c", "passes_changed"] == 0
    assert out.table["mean"].tolist() == [8.0, 7.0]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (Remove("x"), ModelError, "no step 'x'"),
        (Scale("b", -1), ModelError, "factor"),
        (Staff("X", 1, 2), ModelError, "'X'"),
        (Staff("B", 0, 2), ModelError, "no officer"),
        (Staff("B", 1, 2), TooFewCases, "30 are needed"),
    ],
)
def test_what_cannot_be_asked(change, error, said):
    with pytest.raises(error, match=said):
        what_if(practice(), [change], dossiers=10)


def test_the_same_seed_the_same_answer():
    varied = practice()
    times = dict(varied.times, b=StepTime(np.arange(100) * 60, np.empty(0, dtype=np.int64), "B"))
    varied = Practice(varied.routes, times, varied.arrivals, 6.0, varied.basis)
    one, two, other = (what_if(varied, [Scale("b", 0.5)], dossiers=80, seed=seed) for seed in (1, 1, 2))
    assert one.saved_hours == two.saved_hours != other.saved_hours
    assert one.interval[0] < one.saved_hours < one.interval[1]
    assert one.saved_hours == pytest.approx(0.5 * 49.5 / 60, abs=0.15)


def test_observed_from_a_store(store_from):
    rows = []
    for dossier in range(40):
        day = pd.Timestamp("2024-03-04") + pd.Timedelta(days=7 * (dossier % 6))
        for hour, label in ((7, "a"), (9, "b"), (10, "c")):
            at = day + pd.Timedelta(hours=hour)
            started = at - pd.Timedelta(minutes=30) if label == "b" else pd.NaT
            rows.append(("H01", f"d{dossier}", label, at, started, label.upper()))
    names = ["province_code", "dossier_code", "label", "completed_at", "started_at", "unit"]
    events = pd.DataFrame(rows, columns=names).assign(source_order=range(len(rows)))
    dossiers = events.groupby(["province_code", "dossier_code"], as_index=False).agg(closed_at=("completed_at", "max"))
    store = store_from(events=events, dossiers=dossiers.assign(procedure_code="1.000001", status=9, outcome="done"))
    install_calendars(store)
    found = observe(store, Selection(procedure="1.000001"))
    assert found.routes == ((("a", "b", "c"), 40),)
    assert found.times["b"].unit == "B"
    assert set(found.times["b"].passing.tolist()) == {2 * HOUR}
    assert set(found.times["b"].work.tolist()) == {HOUR // 2} and not len(found.times["c"].work)
    assert not len(found.times["a"].passing)
    assert found.observed_hours == pytest.approx(3.0)
    out = what_if(found, [Remove("c")], dossiers=100)
    assert out.calibration == pytest.approx((3.0, 3.0)) and out.saved_hours == pytest.approx(1.0)


def test_too_few_dossiers_are_said(store_from):
    store = store_from({("H01", "d1"): "a b"})
    with pytest.raises(TooFewCases):
        observe(store)
