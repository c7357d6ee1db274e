"""Calendars and published processes that lie beside a log come with it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from workbench.errors import FormatError
from workbench.intake import load
from workbench.mining.internal_process import internal_processes

NOW = datetime(2026, 1, 5)
LOG = "dossier_code,label,completed_at,province_code,procedure_code\nD1,Tiếp nhận,2025-01-06 08:00,H29,1.1\n"
CALENDARS = '[calendars.hcm]\nweekdays = ["7:30-11:30", "13:00-17:00"]\n[[rules]]\nprovince = "H29"\ncalendar = "hcm"\n'
STEPS = [{"no": 1, "task": "Tiếp nhận", "unit": "Một cửa", "days": 0.5}]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "log.csv").write_text(LOG, "utf-8")
    return tmp_path / "log"


def test_calendars_and_processes_are_installed(store, folder):
    (folder / "calendars.toml").write_text(CALENDARS, "utf-8")
    processes = {"processes": [{"key": "k", "tthc": "1.1", "h": None, "declared_days": 5, "steps": STEPS}]}
    (folder / "internal_processes.json").write_text(json.dumps(processes), "utf-8")
    load(store, [folder], now=NOW)
    assert store.scalar("select calendar_id from dossier") == "hcm"
    (kept,) = internal_processes(store, procedure="1.1")
    assert (kept.declared_days, [step.name for step in kept.steps]) == (5.0, ["Tiếp nhận"])


def test_a_log_alone_gets_the_default_calendar(store, folder):
    load(store, [folder / "log.csv"], now=NOW)
    assert store.scalar("select calendar_id from dossier") == "vn-default"


def test_a_damaged_process_file_is_named_and_nothing_is_loaded(store, folder):
    (folder / "internal_processes.json").write_text("{}", "utf-8")
    with pytest.raises(FormatError, match=r"internal_processes\.json"):
        load(store, [folder], now=NOW)
    assert store.scalar("select count(*) from dossier") == 0


def test_a_synthetic_log_marks_its_store(store, folder):
    load(store, [folder / "log.csv"], now=NOW)
    assert not store.basis().synthetic
    (folder / "truth.json").write_text('{"synthetic": true}', "utf-8")
    (folder / "more.csv").write_text(LOG.replace("D1", "D2"), "utf-8")
    load(store, [folder], now=NOW)
    assert store.basis().synthetic
