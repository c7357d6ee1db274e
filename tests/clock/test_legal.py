"""The four clocks on dossiers judged by hand, and on random ones against a plain re-statement of the rules."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pandas as pd
import pytest

from tests.clock.conftest import at, build
from workbench.clock import (
    ClockRules,
    add_working,
    clock_differences,
    default_calendar,
    evaluate_clocks,
    prepare_clocks,
    worked,
)

# Received Monday 4/3/2024 8:00 with three working days: due Thursday 7/3 8:00. Judged on Friday 8/3 12:00.
BASE = {"procedure_code": "1.000001", "status": 4, "accepted_at": "4/3 8:00", "due_at": "7/3 8:00"}
TUE_WED = {"paused_from": "5/3 8:00", "paused_to": "6/3 8:00", "reason": "supplement"}
ON, LATE, P_ON, P_LATE, NO = "on_time", "late", "pending_on_time", "pending_late", "unknown"

# code, dossier, pauses, (law, portal, pause, local), cause
CASES = [
    ("in time", {"closed_at": "6/3 10:00"}, [], (ON, ON, ON, ON), ""),
    ("late on the due day", {"closed_at": "7/3 15:00"}, [], (LATE, LATE, LATE, ON), "same_day"),
    ("late", {"closed_at": "8/3 8:00"}, [], (LATE, LATE, LATE, LATE), ""),
    ("pending in time", {"due_at": "11/3 8:00"}, [], (P_ON, P_ON, P_ON, P_ON), ""),
    ("pending late", {}, [], (P_LATE, P_LATE, P_LATE, P_LATE), ""),
    ("one supplement", {"closed_at": "8/3 8:00"}, [TUE_WED], (ON, ON, ON, ON), ""),
    ("one minute over", {"closed_at": "8/3 8:01"}, [TUE_WED], (ON, LATE, LATE, ON), "term_restarted, same_day"),
    ("new full term", {"closed_at": "11/3 8:00"}, [TUE_WED], (ON, LATE, LATE, LATE), "term_restarted"),
    (
        "two supplements",
        {"closed_at": "7/3 8:00"},
        [{**TUE_WED, "paused_to": "5/3 10:00"}, {**TUE_WED, "paused_from": "6/3 8:00", "paused_to": "6/3 10:00"}],
        (ON, LATE, ON, ON),
        "second_supplement",
    ),
    (
        "financial duty",
        {"closed_at": "8/3 8:00"},
        [{**TUE_WED, "reason": "financial_duty"}],
        (LATE, LATE, ON, LATE),
        "financial_duty",
    ),
    (
        "financial duty open",
        {"status": 6},
        [{**TUE_WED, "paused_from": "6/3 8:00", "paused_to": None, "reason": "financial_duty"}],
        (P_LATE, P_LATE, P_ON, P_ON),
        "financial_duty, waiting_status",
    ),
    ("withdrawn", {"status": 7, "closed_at": "8/3 8:00"}, [], (LATE, LATE, LATE, ON), "withdrawn"),
    ("no due date", {"due_at": None, "closed_at": "8/3 8:00"}, [], (NO, NO, NO, ON), "no_due_date"),
    (
        "asked before the due date",
        {"status": 5},
        [{**TUE_WED, "paused_from": "6/3 8:00", "paused_to": None}],
        (P_ON, P_ON, P_ON, P_ON),
        "",
    ),
    (
        "asked after the due date",
        {"status": 5},
        [{**TUE_WED, "paused_from": "7/3 10:00", "paused_to": None}],
        (P_LATE, P_LATE, P_LATE, P_ON),
        "waiting_status",
    ),
    (
        "due date moved by the system",
        {"due_at": "11/3 8:00", "closed_at": "11/3 9:00"},
        [{**TUE_WED, "due_before": "7/3 8:00", "due_after": "11/3 8:00"}],
        (LATE, LATE, LATE, ON),
        "same_day",
    ),
    (
        "moved by a day more than the waiting",
        {"due_at": "12/3 8:00", "closed_at": "11/3 9:00"},
        [{**TUE_WED, "due_before": "7/3 8:00", "due_after": "12/3 8:00"}],
        (LATE, LATE, LATE, ON),
        "term_restarted, due_date_moved",
    ),
    ("stopped", {"status": 8, "closed_at": "8/3 8:00"}, [], (LATE, LATE, LATE, ON), "waiting_status"),
    ("only registered", {"status": 1, "accepted_at": None, "submitted_at": "4/3 8:00"}, [], (NO, NO, NO, NO), ""),
    ("refused", {"status": 3, "due_at": None, "closed_at": "4/3 9:00"}, [], (NO, NO, NO, NO), ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    dossiers = [{"dossier_code": code, **BASE, **given} for code, given, *_ in CASES]
    pauses = [{"dossier_code": code, **pause} for code, _, given, *_ in CASES for pause in given]
    tick = [{"dossier_code": "pending late", "label": "x", "completed_at": "8/3 12:00", "status": 4}]
    # End and supplement known from the events alone.
    dossiers += [{"dossier_code": code, **BASE} for code in ("nine", "ten", "status five", "withdrawn unaccepted")]
    dossiers[-1].update(accepted_at=None, submitted_at="4/3 8:00", status=7)
    marks = [
        ("nine", "6/3 8:00", 9), ("nine", "8/3 8:00", 10), ("ten", "8/3 9:00", 10),
        ("status five", "5/3 8:00", 5), ("status five", "5/3 9:00", 5), ("status five", "6/3 8:00", 4),
        ("status five", "8/3 8:00", 9), ("withdrawn unaccepted", "5/3 8:00", 7),
    ]  # fmt: skip
    events = tick + [{"dossier_code": c, "label": f"s{s}", "completed_at": t, "status": s} for c, t, s in marks]
    with build(tmp_path_factory.mktemp("legal") / "s.duckdb", dossiers, events=events, pauses=pauses) as made:
        prepare_clocks(made)
        yield made


@pytest.fixture(scope="module")
def judged(store):
    return evaluate_clocks(store).table.set_index("dossier_code")


@pytest.mark.parametrize(("code", "verdicts"), [(case[0], case[3]) for case in CASES])
def test_verdicts(judged, code, verdicts):
    assert tuple(judged.loc[code, ["law", "portal", "pause", "local"]]) == verdicts


def test_due_dates_under_each_clock(judged):
    due = ["law_due", "portal_due", "pause_due", "local_due"]
    assert [f"{t:%d %H}" for t in judged.loc["one supplement", due]] == ["11 08", "08 08", "08 08", "08 08"]
    assert [f"{t:%d %H}" for t in judged.loc["financial duty", due]] == ["07 08", "07 08", "08 08", "07 08"]
    assert judged.loc["due date moved by the system", "first_due_at"] == at("7/3 8:00")


def test_ends_read_from_statuses(judged):
    assert judged.loc["nine", ["ended_at", "end_event"]].tolist() == [at("6/3 8:00"), "closed_at"]
    assert judged.loc["ten", ["ended_at", "end_event"]].tolist() == [at("8/3 9:00"), "returned_at"]
    assert judged.loc["stopped", "end_event"] == "closed_at"
    assert judged.loc["withdrawn unaccepted", ["end_event", "portal", "local"]].tolist() == ["out", NO, ON]


def test_supplements_read_from_statuses(judged):
    row = judged.loc["status five"]
    assert (row.supplements, row.portal, f"{row.portal_due:%d %H}") == (1, ON, "08 08")


def test_causes(store):
    found = clock_differences(store)
    causes = found.table.set_index("dossier_code").cause
    for code, _, _, _, cause in CASES:
        assert causes.get(code, "") == cause, code
    assert found.n_differing == len(found.table)
    pair = clock_differences(store, clocks=("portal", "local"), limit=1)
    assert len(pair.table) == 1 < pair.n_differing
    assert set(pair.pairs.clock_a) == {"portal"} and pair.pairs.dossiers.sum() == pair.n_differing


def test_as_of_hides_what_came_later(store):
    then = evaluate_clocks(store, as_of=at("6/3 9:00")).table.set_index("dossier_code")
    assert then.loc["late", "portal"] == P_ON
    assert then.loc["in time", "ended_at"] is pd.NaT
    assert then.loc["two supplements", ["supplements", "portal"]].tolist() == [2, P_LATE]
    assert then.loc["withdrawn", "local"] == P_ON
    early = evaluate_clocks(store, as_of=at("5/3 9:00")).table.set_index("dossier_code")
    assert early.loc["two supplements", ["supplements", "portal"]].tolist() == [1, P_ON]
    assert evaluate_clocks(store, as_of=at("4/3 7:00")).table.empty


@pytest.mark.slow
def test_other_rules(store):
    instants = evaluate_clocks(store, rules=ClockRules(local_compares="instants")).table.set_index("dossier_code")
    assert instants.loc["late on the due day", "local"] == LATE
    returned = evaluate_clocks(store, rules=ClockRules(end_event="return")).table.set_index("dossier_code")
    assert returned.loc["nine", ["ended_at", "portal"]].tolist() == [at("8/3 8:00"), LATE]
    term = evaluate_clocks(store, rules=ClockRules(max_term_days={"1.000001": 4})).table.set_index("dossier_code")
    assert term.loc["no due date", ["portal", "law"]].tolist() == [ON, NO]  # four days end on 8/3 8:00


def test_declared_limit_of_the_internal_process_is_the_longest_term(store):
    store.con.execute(
        "insert into internal_process (process_id, procedure_code, declared_days) values ('p', '1.000001', 3)"
    )
    try:
        table = evaluate_clocks(store).table.set_index("dossier_code")
        assert table.loc["no due date", "portal"] == LATE
    finally:
        store.con.execute("delete from internal_process")


# The rules once more, one dossier at a time ------------------------------------------------------------------------
C = default_calendar()


def w(moment: datetime) -> int:
    return worked(C, moment)


def inside(intervals: list[tuple[datetime, datetime]]) -> int:
    """Working seconds covered by at least one of the intervals."""
    total, reached = 0, None
    for begin, stop in sorted(intervals):
        start = begin if reached is None else max(begin, reached)
        total += max(w(stop) - w(start), 0) if stop > start else 0
        reached = stop if reached is None else max(reached, stop)
    return total


def restated(d: dict, pauses: list[dict], as_of: datetime) -> tuple[str, str, str, str]:
    end = d["closed_at"] or as_of
    seen = []
    for p in pauses:
        if p["paused_from"] > end:
            continue
        start = max(p["paused_from"], d["accepted_at"])
        over = p["paused_to"] is not None and p["paused_to"] <= end
        seen.append((start, max(p["paused_to"], start) if over else end, over, p["reason"]))
    out = []
    for clock in ("law", "portal", "pause", "local"):
        own = [s for s in seen if clock == "pause" or s[3] == "supplement"]
        done = [(a, b) for a, b, over, _ in own if over]
        waits = [a for a, _, over, _ in own if not over]
        stands = end
        if waits:  # the open one begins where an earlier one that still ran ended
            stands = min(max([a, *(b for c, b, over, _ in own if over and (c, b) <= (a, end))]) for a in waits)
        asked = sum(s[3] == "supplement" for s in seen)
        if clock == "local":
            k = sum(1 for s in own if s[2] and s[1] > s[0])
            due = d["due_at"]
            if k:
                days = sum((s[1].date() - s[0].date()).days - 1 for s in own if s[2] and s[1] > s[0])
                due = add_working(C, due + timedelta(days=days), k * 8 * 3600)
            late = end.date() > due.date() and not (seen and d["closed_at"] is None and any(not s[2] for s in seen))
        elif clock == "law":
            due = d["due_at"]
            if done:
                due = max(due, moment(max(w(b) for _, b in done) + w(d["due_at"]) - w(d["accepted_at"])))
            late = stands > due
        else:
            before = [(a, min(b, stands)) for a, b in done]
            moved = inside(before)
            due = moment(w(d["due_at"]) + moved) if moved else d["due_at"]
            late = stands > due or (clock == "portal" and asked > 1)
        out.append(("" if d["closed_at"] else "pending_") + ("late" if late else "on_time"))
    if d["closed_at"]:
        out = ["late" if o == "late" else "on_time" for o in out]
    return tuple(out)


def moment(seconds: int) -> datetime:
    from workbench.clock.working_time import moment_of

    return moment_of(C, seconds)


def test_random_dossiers(build_store):
    rng = random.Random(7)
    start = datetime(2024, 4, 22, 7)

    def when(low: float, high: float) -> datetime:
        return start + timedelta(minutes=rng.randint(int(low * 1440), int(high * 1440)))

    dossiers, pauses = [], []
    for n in range(400):
        received = when(0, 10)
        closed = received + timedelta(minutes=rng.randint(0, 15 * 1440)) if rng.random() < 0.8 else None
        due = received + timedelta(minutes=rng.randint(600, 12 * 1440))
        dossiers.append({"dossier_code": f"{n:03}", "procedure_code": "p", "accepted_at": received, "due_at": due,
                         "closed_at": closed, "status": 4})  # fmt: skip
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            begin = received + timedelta(minutes=rng.randint(-300, 8 * 1440))
            stop = begin + timedelta(minutes=rng.randint(1, 4 * 1440)) if rng.random() < 0.85 else None
            reason = rng.choice(["supplement", "supplement", "financial_duty"])
            pauses.append({"dossier_code": f"{n:03}", "paused_from": begin, "paused_to": stop, "reason": reason})
    as_of = start + timedelta(days=14)
    store = build_store(dossiers, pauses=pauses)
    table = evaluate_clocks(store, as_of=as_of).table.set_index("dossier_code")
    kinds = set()
    for given in dossiers:
        d = {**given, "closed_at": None} if given["closed_at"] and given["closed_at"] > as_of else given
        mine = [p for p in pauses if p["dossier_code"] == d["dossier_code"]]
        row = table.loc[d["dossier_code"]]
        expected = restated(d, mine, as_of)
        assert (row.law, row.portal, row.pause, row.local) == expected, (d, mine, row.to_dict())
        kinds |= set(expected)
        assert row.law_due >= row.portal_due >= d["due_at"]
    assert kinds == {ON, LATE, P_ON, P_LATE}
