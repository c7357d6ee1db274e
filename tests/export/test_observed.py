"""Units, figures and shares taken from hand-countable logs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from tests.conftest import StoreFrom
from tests.export.test_engine import small
from workbench.export.observed import (
    DESK,
    observed_lanes,
    observed_procedure,
    observed_statistics,
    unit_group,
    with_shares,
)
from workbench.mining.model import Bpmn, Flow, Node
from workbench.selection import Selection


def test_kinds_of_units():
    assert unit_group("Bộ phận Một cửa cấp xã") == unit_group("Trung tâm Phục vụ hành chính công") == DESK
    assert unit_group("Văn thư UBND cấp huyện") == "Văn thư UBND" and unit_group("Chi cục Thuế") == "Chi cục Thuế"


def shares(bpmn: Bpmn, counts) -> dict[tuple[str, str], float]:
    return {(f.source, f.target): f.share for f in with_shares(bpmn, counts).flows if f.share is not None}


def test_shares_count_which_branch_came_next():
    counts = ((("a", "b", "d", "e"), 6), (("a", "e", "d"), 3), (("a", "c", "d", "e"), 1))
    assert shares(small(), counts) == {("x", "b"): 0.6, ("x", "c"): 0.1, ("x", "y"): 0.3}


def test_a_loop_counts_passages():
    kinds = {"s": "start", "j": "xor", "a": "task", "x": "xor", "b": "task", "t": "end"}
    nodes = tuple(Node(i, k, i if k == "task" else "") for i, k in kinds.items())
    pairs = ("s-j", "j-a", "a-x", "x-b", "b-j", "x-t")
    bpmn = Bpmn(nodes, tuple(Flow(*p.split("-")) for p in pairs))
    found = shares(bpmn, ((("a",), 3), (("a", "b", "a"), 1)))
    assert found == {("x", "b"): 0.2, ("x", "t"): 0.8}, "four dossiers end, one goes back: five passages"


def test_branches_that_begin_alike_get_no_share():
    nodes = (Node("s", "start"), Node("x", "xor"), Node("a", "task", "a"), Node("b", "task", "a"), Node("t", "end"))
    bpmn = Bpmn(nodes, tuple(Flow(*p.split("-")) for p in ("s-x", "x-a", "x-b", "a-t", "b-t")))
    assert shares(bpmn, ((("a",), 5),)) == {}


def test_units_and_figures_of_a_log(store_from: StoreFrom):
    start = datetime(2024, 1, 2, 8)
    units = {"a": "Bộ phận Một cửa cấp xã", "b": "Phòng Tư pháp"}
    rows = [
        ("H1", f"d{k}", label, start + timedelta(hours=place), units[label], place)
        for k, trace in enumerate(("ab", "ab", "a"))
        for place, label in enumerate(trace)
    ]
    columns = ["province_code", "dossier_code", "label", "completed_at", "unit", "source_order"]
    store = store_from(events=pd.DataFrame(rows, columns=columns))
    assert observed_lanes(store) == {"a": DESK, "b": "Phòng Tư pháp"}
    figures = observed_statistics(store)
    assert figures["a"]["dossiers"] == 3 and figures["b"]["share_of_dossiers"] == pytest.approx(2 / 3, abs=1e-5)
    nodes = (Node("s", "start"), Node("a", "task", "a"), Node("b", "task", "b"), Node("t", "end"))
    bpmn = Bpmn(nodes, tuple(Flow(*p.split("-")) for p in ("s-a", "a-b", "b-t")))
    found = observed_procedure(store, Selection(procedure="1.000001"), bpmn)
    assert found.lanes["b"] == "Phòng Tư pháp" and found.facts.limit_hours is None
    assert found.facts.of("a").limit_hours is None, "a limit nobody published is not made up"
