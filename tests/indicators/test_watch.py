"""Overdue, due soon, stuck."""

from __future__ import annotations

import pytest

from tests.clock.conftest import at
from workbench.errors import SelectionError
from workbench.indicators import watch_list

BASE = {"procedure_code": "p1", "status": 4, "accepted_at": "4/3 8:00", "due_at": "29/3 8:00", "closed_at": None}


def test_kinds(build_store):
    dossiers = [
        {**BASE, "dossier_code": "overdue", "due_at": "8/3 8:00"},
        {**BASE, "dossier_code": "more overdue", "due_at": "7/3 8:00"},
        {**BASE, "dossier_code": "soon", "due_at": "13/3 8:00"},
        {**BASE, "dossier_code": "stuck"},
        {**BASE, "dossier_code": "moving"},
        {**BASE, "dossier_code": "waiting", "status": 5},
        {**BASE, "dossier_code": "done", "closed_at": "6/3 8:00", "status": 9},
    ]
    pauses = [{"dossier_code": "waiting", "paused_from": "5/3 8:00", "paused_to": None, "reason": "supplement"}]
    events = [
        {"dossier_code": code, "label": "x", "completed_at": when, "status": 4}
        for code, when in {"stuck": "4/3 8:00", "moving": "11/3 8:00", "soon": "11/3 8:00"}.items()
    ]
    store = build_store(dossiers, events=events, pauses=pauses)
    watch = watch_list(store, as_of=at("12/3 8:00"))
    assert watch.table[["dossier_code", "kind"]].to_numpy().tolist() == [
        ["more overdue", "overdue"],
        ["overdue", "overdue"],
        ["soon", "due_soon"],
        ["stuck", "stuck"],
    ]
    assert watch.table.remaining_working_days.tolist()[:3] == [-3, -2, 1]
    assert watch.table.idle_working_days.tolist()[3] == 6
    assert watch.counts.dossiers.tolist() == [2, 1, 1]
    assert len(watch_list(store, as_of=at("12/3 8:00"), limit=1).table) == 1
    with pytest.raises(SelectionError):
        watch_list(store, clock="moon")
