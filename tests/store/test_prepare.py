"""The prepared event table, counted by hand."""

from __future__ import annotations

from workbench.selection import Selection


def test_positions_and_next_activity(store_from):
    store = store_from({("H01", "1"): "a b c", ("H02", "2"): "a b b"})
    rows = store.sql(
        "select d.dossier_code, e.position, a.label, n.label as next, e.gap_seconds from event e "
        "join dossier d using (dossier_key) join activity a using (activity_id) "
        "left join activity n on n.activity_id = e.next_activity_id order by 1, 2"
    )
    assert rows[["dossier_code", "position", "label"]].to_numpy().tolist() == [
        ["1", 0, "a"],
        ["1", 1, "b"],
        ["1", 2, "c"],
        ["2", 0, "a"],
        ["2", 1, "b"],
        ["2", 2, "b"],
    ]
    assert rows["next"].fillna("").tolist() == ["b", "c", "", "b", "b", ""]
    assert rows["gap_seconds"].dropna().tolist() == [3600, 3600, 3600, 3600]


def test_equal_sequences_share_a_variant_key(store_from):
    store = store_from({("H01", "1"): "a b", ("H01", "2"): "a b", ("H02", "3"): "b a"})
    assert store.scalar("select count(distinct variant_key) from dossier") == 2
    assert store.scalar("select count(*) from variant") == 2


def test_selection_keeps_one_organisation(store_from):
    store = store_from({("H01", "1"): "a b", ("H02", "2"): "a"})
    assert store.basis(Selection(provinces=("H02",))).n_dossiers == 1
    assert len(store.fetch(store.events(Selection(provinces=("H01",))))) == 2
