"""Kept verdicts equal those computed anew, and are not used when they are stale."""

from __future__ import annotations

from datetime import date

import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pytest

from tests.clock.conftest import at
from workbench.clock import (
    clock_differences,
    compute_verdicts,
    counted,
    evaluate_clocks,
    install_calendars,
    judged,
    on_time_rates,
    parse_calendars,
    prepare_clocks,
)
from workbench.selection import Selection

BASE = {"procedure_code": "1.000001", "status": 4, "accepted_at": "4/3 8:00", "due_at": "7/3 8:00"}
WARD = {
    "calendars": {"ward": {"weekdays": ["7:30-11:30"]}},
    "rules": [{"province": "H01", "calendar": "ward"}],
}


@pytest.fixture
def store(build_store):
    ends = ["6/3 10:00", "7/3 15:00", "8/3 8:00", None]
    dossiers = [
        {
            **BASE,
            "dossier_code": f"{p}{n}",
            "province_code": p,
            "closed_at": end,
            "channel": "online" if n % 2 else "desk",
            "level": "commune" if n < 3 else "province",
        }
        for p in ("H01", "H02")
        for n, end in enumerate(ends)
    ]
    dossiers[5]["procedure_code"] = "1.000002"
    pauses = [{"dossier_code": "H012", "paused_from": "5/3 8:00", "paused_to": "6/3 8:00", "reason": "supplement"}]
    events = [{"dossier_code": "H013", "label": "x", "completed_at": "9/3 8:00"}]
    return build_store(dossiers, pauses=pauses, events=events)


QUESTIONS = [
    {},
    {"by": "province_code"},
    {"by": "procedure_code", "selection": Selection(provinces=("H02",), end=date(2024, 3, 31))},
    {"selection": Selection(start=date(2024, 3, 5))},
    {"selection": Selection(outcomes=("done",)), "by": "level"},
    {"selection": Selection(channels=("online",), levels=("commune",)), "by": "province_code"},
    {"selection": Selection(provinces_2025=("H01",), procedure="1.000001")},
]


def uses_kept(expression: ir.Table) -> bool:
    return "clock_verdict" in {table.name for table in expression.op().find(ops.PhysicalTable)}


@pytest.mark.slow
def test_kept_and_computed_are_equal(store):
    computed = [on_time_rates(store, **question) for question in QUESTIONS]
    evaluated, differing = evaluate_clocks(store), clock_differences(store)
    assert prepare_clocks(store)
    assert not prepare_clocks(store)
    assert uses_kept(judged(store))
    for question, before in zip(QUESTIONS, computed, strict=True):
        after = on_time_rates(store, **question)
        pd.testing.assert_frame_equal(after.table, before.table)
        assert after.as_of == before.as_of
    pd.testing.assert_frame_equal(evaluate_clocks(store).table, evaluated.table)
    pd.testing.assert_frame_equal(clock_differences(store).pairs, differing.pairs)


def test_cuts_and_stale_ones_are_computed(store):
    prepare_clocks(store)
    assert not uses_kept(judged(store, as_of=at("6/3 12:00")))
    install_calendars(store, parse_calendars(WARD))
    assert not uses_kept(judged(store))
    fresh = on_time_rates(store, by="province_code").table
    assert prepare_clocks(store)
    pd.testing.assert_frame_equal(on_time_rates(store, by="province_code").table, fresh)
    assert set(judged(store).columns) == set(compute_verdicts(store).columns)


def test_months_are_counted_from_the_kept_sums(store):
    assert counted(store, None, "month", None, None) is None
    prepare_clocks(store)
    found = counted(store, Selection(channels=("online",)), "month", None, None)
    assert found["dossiers"].sum() == 4
    assert set(pd.to_datetime(found["group"])) == {pd.Timestamp(2024, 3, 1)}
    assert counted(store, Selection(service_levels=("full",)), "month", None, None) is None
