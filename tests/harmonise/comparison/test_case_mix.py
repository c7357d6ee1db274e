"""Figures without the mix of cases, counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from workbench.clock import ensure_calendars
from workbench.errors import SelectionError
from workbench.harmonise.comparison.case_mix import case_mix
from workbench.selection import Selection


def _store(store_from, rows):
    """(organisation, channel, late?, how many)."""
    start = datetime(2024, 3, 4, 8)
    heads = []
    for organisation, channel, late, n in rows:
        for _ in range(n):
            code = f"{organisation}-{len(heads)}"
            days = 7 if late else 1
            heads.append({"province_code": organisation, "dossier_code": code, "procedure_code": "p", "channel": channel,
                          "accepted_at": start, "due_at": start + timedelta(days=2), "status": 9,
                          "closed_at": start + timedelta(days=days)})  # fmt: skip
    dossiers = pd.DataFrame(heads)
    events = dossiers[["province_code", "dossier_code"]].assign(label="a", completed_at=start, source_order=0)
    store = store_from(events=events, dossiers=dossiers)
    ensure_calendars(store)
    return store


def test_the_same_practice_with_another_mix_is_alike_when_adjusted(store_from):
    # Both are late in 10 % of online and in 50 % of desk dossiers; H01 has mostly online ones.
    mix = [("H01", "online", True, 8), ("H01", "online", False, 72), ("H01", "desk", True, 10), ("H01", "desk", False, 10),
           ("H02", "online", True, 2), ("H02", "online", False, 18), ("H02", "desk", True, 40), ("H02", "desk", False, 40)]  # fmt: skip
    found = case_mix(_store(store_from, mix), Selection())
    rows = found.table.set_index("organisation")
    assert rows["late"].tolist() == [18, 42]
    assert rows["expected_late"].tolist() == pytest.approx([18, 42])
    assert rows["on_time_adjusted"].tolist() == pytest.approx([0.7, 0.7])
    assert found.late_rate == pytest.approx(0.3)
    assert found.strata == 2
    assert rows.loc["H01", "time_factor"] > 1 > rows.loc["H02", "time_factor"]


def test_a_worse_practice_stays_worse(store_from):
    rows = [
        ("H01", "desk", True, 30),
        ("H01", "desk", False, 70),
        ("H02", "desk", True, 10),
        ("H02", "desk", False, 90),
    ]
    table = case_mix(_store(store_from, rows), Selection()).table.set_index("organisation")
    assert table["on_time_adjusted"].tolist() == pytest.approx([0.7, 0.9])
    assert (table["low"] < table["on_time_adjusted"]).all()
    assert (table["high"] > table["on_time_adjusted"]).all()


def test_wrong_questions_are_refused(store_from):
    store = _store(store_from, [("H01", "desk", False, 2)])
    with pytest.raises(SelectionError):
        case_mix(store, Selection(), clock="moon")
    with pytest.raises(SelectionError):
        case_mix(store, Selection(), by="weather")
    assert case_mix(store, Selection()).table["on_time_adjusted"].tolist() == [1.0]
