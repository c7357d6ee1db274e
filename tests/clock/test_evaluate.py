"""Rates counted by hand, and the receipt log's late dossiers."""

from __future__ import annotations

import gzip
from datetime import datetime

import pandas as pd
import pytest
from lxml import etree

from tests.clock.conftest import build
from tests.conftest import shared_log
from workbench.clock import ClockRules, on_time_rates, prepare_clocks, wilson
from workbench.errors import SelectionError
from workbench.selection import Selection

BASE = {"procedure_code": "1.000001", "status": 4, "accepted_at": "4/3 8:00", "due_at": "7/3 8:00"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    given = [
        ("H01", "6/3 10:00"), ("H01", "7/3 15:00"), ("H01", "8/3 8:00"), ("H01", None),
        ("H02", "6/3 10:00"), ("H02", "6/3 11:00"),
    ]  # fmt: skip
    dossiers = [
        {**BASE, "dossier_code": str(n), "province_code": province, "closed_at": closed}
        for n, (province, closed) in enumerate(given)
    ]
    dossiers.append({**BASE, "dossier_code": "x", "province_code": "H02", "due_at": None, "closed_at": "6/3 8:00"})
    events = [{"dossier_code": "3", "label": "x", "completed_at": "5/3 8:00"}]
    with build(tmp_path_factory.mktemp("rates") / "s.duckdb", dossiers, events=events) as made:
        yield made


def test_rates_by_province(store):
    table = on_time_rates(store, by="province_code").table.set_index(["group", "clock"])
    columns = ["n", "on_time", "late", "pending_on_time", "pending_late", "unknown", "closed", "closed_on_time"]
    assert table.loc[("H01", "portal"), columns].tolist() == [4, 2, 2, 1, 0, 0, 3, 1]
    assert table.loc[("H01", "local"), columns].tolist() == [4, 3, 1, 1, 0, 0, 3, 2]
    assert table.loc[("H02", "law"), columns].tolist() == [2, 2, 0, 0, 0, 1, 2, 2]
    assert table.loc[("H02", "local"), columns].tolist() == [3, 3, 0, 0, 0, 0, 3, 3]
    assert table.loc[("H01", "portal"), "rate"] == 0.5
    low, high = wilson([2], [4])
    assert table.loc[("H01", "portal"), ["low", "high"]].tolist() == pytest.approx([low[0], high[0]])
    assert table.too_few.all()


def test_all_and_selected(store):
    rates = on_time_rates(store, too_few=3)
    assert rates.table.group.unique().tolist() == ["all"]
    assert rates.table.clock.tolist() == ["law", "portal", "pause", "local"]
    assert rates.table.n.tolist() == [6, 6, 6, 7]
    assert not rates.table.too_few.any()
    assert rates.as_of == datetime(2024, 3, 5, 8)
    assert (rates.basis.n_dossiers, rates.basis.calendar, rates.basis.end_event) == (7, "vn-default", "processing")
    prepare_clocks(store)
    assert on_time_rates(store, Selection(provinces=("H63",))).table.empty
    with pytest.raises(SelectionError, match="'colour'"):
        on_time_rates(store, by="colour")


def test_receipt_log_has_377_late_of_1329(build_store):
    """Law, portal and pause compare instants and give the 377; the local clock compares days and gives fewer."""
    rows = []
    with gzip.open(shared_log("receipt_WABO_CoSeLoG.xes.gz")) as file:
        for _, trace in etree.iterparse(file, tag="{http://www.xes-standard.org/}trace"):
            values = {node.get("key"): node.get("value") for node in trace if node.get("key")}
            rows.append((values["concept:name"], values["startdate"], values.get("deadline"), values.get("enddate")))
            trace.clear()
    codes, *times = zip(*rows, strict=True)
    start, due, end = (
        pd.to_datetime(pd.Series(column), utc=True, format="ISO8601")
        .dt.tz_convert("Asia/Ho_Chi_Minh")
        .dt.tz_localize(None)
        for column in times
    )
    dossiers = [
        {"dossier_code": code, "procedure_code": "receipt", "accepted_at": s, "due_at": d, "closed_at": e}
        for code, s, d, e in zip(codes, start, due, end, strict=True)
    ]
    store = build_store(dossiers)
    table = on_time_rates(store).table.set_index("clock")
    for clock in ("law", "portal", "pause"):
        assert table.loc[clock, ["late", "closed"]].tolist() == [377, 1329]
    assert table.loc["local", ["late", "closed_on_time"]].tolist() == [309, 1020]
    instants = on_time_rates(store, rules=ClockRules(local_compares="instants")).table.set_index("clock")
    assert instants.loc["local", "late"] == 377
