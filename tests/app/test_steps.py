"""The steps behind the pages: mapping by hand, loading, decisions, step names, facts."""

from __future__ import annotations

from datetime import datetime

import pytest

from workbench.app.decisions import Decision, decision_key, keep_decision, read_decisions
from workbench.app.facts import by_month, by_organisation, calendars, facets, step_times, week_hours
from workbench.app.intake import as_role, edited, inspect, ledger, load_batch, quarantine, take_back
from workbench.app.step_names import Naming, proposed_names, step_names
from workbench.app.unified import accept_rows, review, undo
from workbench.clock import prepare_clocks
from workbench.mining.variants import variants
from workbench.selection import Selection

NOW = datetime(2026, 1, 5, 9)
CSV = """Ref,Doing,Moment,Where
D1,Receive,2025-03-03 08:00:00,H26
D1,Sign,2025-03-03 10:00:00,H26
D2,Receive,2025-03-04 08:00:00,H56
D2,Sign,not a time,H56
"""
CHOSEN = {"Ref": "dossier_code", "Doing": "label", "Moment": "completed_at", "Where": "province_code"}


@pytest.fixture
def uploaded(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(CSV, "utf-8")
    return path


def test_a_person_can_say_what_every_column_means(uploaded):
    (table,) = inspect([uploaded]).tables
    mapping = edited(as_role(table, "event"), CHOSEN)
    assert mapping.columns() == {target: column for column, target in CHOSEN.items()}
    assert mapping.missing() == ()
    left_out = edited(as_role(table, "event"), {**CHOSEN, "Where": ""})
    assert "province_code" not in left_out.columns()
    assert edited(as_role(table, "event"), {**CHOSEN, "Where": "extra"}).extra == ("Where",)


def test_another_role_keeps_only_what_it_can_carry(uploaded):
    (table,) = inspect([uploaded]).tables
    pause = as_role(table, "pause")
    assert pause.mapping.role == "pause"
    assert as_role(table, None) is table
    assert as_role(table, "poem") is table


def test_loading_by_hand_fills_the_store_the_ledger_and_the_quarantine(store, uploaded):
    (table,) = inspect([uploaded]).tables
    mapping = edited(as_role(table, "event"), CHOSEN)
    report = load_batch(store, [uploaded], [mapping], constants={"procedure": "1.000001"}, now=NOW)
    assert (report.rows_in, report.rows_loaded, report.rows_quarantined) == (4, 3, 1)
    assert facets(store).procedures["code"].tolist() == ["1.000001"]
    book = ledger(store).loads
    assert book["files"].tolist() == ["export.csv"]
    refused = quarantine(store)
    assert refused.n == 1
    assert refused.rows["line"].tolist() == [5]
    again = load_batch(store, [uploaded], [mapping], constants={"procedure": "1.000001"}, now=NOW)
    assert again.load_id is None
    assert again.already == (report.load_id,)
    assert store.scalar("select count(*) from clock_verdict") == 2  # what every page asks for is kept at once
    assert not prepare_clocks(store)
    assert take_back(store, report.load_id).status == "retracted"
    assert store.scalar("select count(*) from clock_verdict") == 0
    assert not prepare_clocks(store)


def test_a_decision_is_kept_replaced_and_does_not_change_the_answers(store_from):
    store = store_from({("H01", "1"): "a b"})
    before = store.version()
    key = decision_key("1.000001", "remove", ["b"])
    assert read_decisions(store) == {}
    keep_decision(store, key, verdict="accepted", comment=" ok ", now=NOW)
    keep_decision(store, key, verdict="rejected", comment="no", now=NOW)
    assert read_decisions(store) == {key: Decision("rejected", "no", "2026-01-05T09:00")}
    assert store.version() == before
    with pytest.raises(ValueError, match="perhaps"):
        keep_decision(store, key, verdict="perhaps", comment="", now=NOW)


def test_proposed_names_are_tried_and_leave_no_trace(store_from):
    traces = {
        **{("H01", f"a{n}"): ["Tiếp nhận hồ sơ", "Ký duyệt", "Trả kết quả"] for n in range(6)},
        **{("H02", f"b{n}"): ["tiep nhan ho so", "Ký duyệt", "TRẢ KẾT QUẢ"] for n in range(6)},
    }
    store = store_from(traces)
    naming = proposed_names(store, "1.000001")
    assert naming.labels == 5
    assert naming.steps == 3
    with step_names(store, naming):
        assert len(variants(store, Selection()).counts) == 1
    assert len(variants(store, Selection()).counts) == 2
    with step_names(store, Naming()):
        assert len(variants(store, Selection()).counts) == 2


def test_reviewed_rows_come_into_force_and_can_be_undone(store_from):
    traces = {
        **{("H01", f"a{n}"): ["Tiếp nhận hồ sơ", "Ký duyệt"] for n in range(6)},
        **{("H02", f"b{n}"): ["tiep nhan ho so", "Ký duyệt"] for n in range(6)},
    }
    store = store_from(traces)
    found = review(store, "1.000001")
    (row,) = found.table.to_dict("records")
    wanted = [{"label": row["label"], "proposed": row["step"], "step": "Nhận hồ sơ"}]
    accept_rows(store, "1.000001", wanted, reviewer="Tổ công tác", now=NOW)
    steps = {step for variant, _ in variants(store, Selection()).counts for step in variant}
    assert "Nhận hồ sơ" in steps
    assert review(store, "1.000001").changes == 1
    undo(store)
    steps = {step for variant, _ in variants(store, Selection()).counts for step in variant}
    assert "Nhận hồ sơ" not in steps


def test_facts_counted_by_hand(store_from):
    store = store_from({("H01", "1"): "a b c", ("H02", "2"): "a b", ("H02", "3"): "a c"})
    assert by_month(store, Selection()).table["n"].tolist() == [3]
    assert by_organisation(store, Selection(), by="province_code").table[["code", "n"]].to_numpy().tolist() == [
        ["H02", 2],
        ["H01", 1],
    ]
    times = step_times(store, Selection(), target="c", by="province_code").table
    assert times[["code", "n"]].to_numpy().tolist() == [["H01", 1], ["H02", 1]]
    assert step_times(store, Selection(), target="c", source="b", by="province_code").table["n"].sum() == 1
    hours = week_hours(store, Selection())
    assert hours.table.to_numpy().tolist() == [[1, 8, 3], [1, 9, 3], [1, 10, 1]]
    assert hours.timed_share == 1.0


def test_calendars_say_what_they_cover(store):
    from workbench.clock import ensure_calendars

    assert calendars(store).table.empty
    ensure_calendars(store)
    row = calendars(store).table.iloc[0]
    assert row["hours"] / row["working_days"] == 8.0
