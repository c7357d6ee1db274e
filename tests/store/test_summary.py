"""The summary gives what counting the events gives."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.store import worlds
from tests.store.worlds import cut, dossier, event, load, new_store
from workbench.selection import Selection
from workbench.store import summary
from workbench.store.loading import retract
from workbench.store.trial import trying
from workbench.store.vocabulary import Judgement, undo_vocabulary, write_vocabulary

QUICK = settings(
    deadline=None, max_examples=2, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
WHOLE = [Selection(), Selection(procedure="p")]
SUMS = [
    *WHOLE,
    Selection(provinces=("H02",)),
    Selection(procedure="q", provinces=("H01",)),
    Selection(provinces=("H01", "H02"), start=date(2024, 1, 1), end=date(2024, 1, 31)),
]


def long_way(store, selection):
    """Edges and steps counted from the events."""
    events = store.events(selection)
    pairs = events.filter(events.next_step_id.notnull())
    edges = pairs.group_by("step_id", "next_step_id").aggregate(
        count=pairs.count(),
        dossiers=pairs.dossier_key.nunique(),
        median_seconds=pairs.gap_seconds.quantile(0.5),
        mean_seconds=pairs.gap_seconds.mean(),
        p90_seconds=pairs.gap_seconds.quantile(0.9),
        median_working_seconds=pairs.gap_working_seconds.quantile(0.5),
        mean_working_seconds=pairs.gap_working_seconds.mean(),
    )
    steps = events.group_by("step_id").aggregate(
        count=events.count(),
        dossiers=events.dossier_key.nunique(),
        start_count=(events.position == 0).sum(),
        end_count=events.next_step_id.isnull().sum(),
    )
    waits = pairs.group_by(step_id=pairs.next_step_id).aggregate(
        median_wait_seconds=pairs.gap_seconds.quantile(0.5),
        mean_wait_seconds=pairs.gap_seconds.mean(),
        median_wait_working_seconds=pairs.gap_working_seconds.quantile(0.5),
    )
    return store.fetch(edges), store.fetch(steps).merge(store.fetch(waits), on="step_id", how="left")


def assert_equal(found, expected, keys):
    columns = list(expected.columns)
    assert sorted(found.columns) == sorted(columns)
    frames = [frame[columns].sort_values(keys).reset_index(drop=True).astype(float) for frame in (found, expected)]
    pd.testing.assert_frame_equal(*frames, rtol=1e-12)


def check(store):
    for selection in WHOLE:
        edges, steps = long_way(store, selection)
        assert_equal(summary.edges(store, selection), edges, ["step_id", "next_step_id"])
        assert_equal(summary.steps(store, selection), steps, ["step_id"])
    for selection in SUMS:
        edges, _ = long_way(store, selection)
        counts = summary.counts(store, selection)
        assert_equal(counts, edges[list(counts.columns)], ["step_id", "next_step_id"])


@QUICK
@given(random=st.randoms(use_true_random=False))
def test_the_summary_equals_the_long_way(random):
    with tempfile.TemporaryDirectory() as folder, new_store(Path(folder) / "s") as store:
        rows = cut(random, worlds.world(random), 2)
        for row in (row for part in rows for row in part["dossier"]):
            row["procedure_code"] = row["procedure_code"] or "p"
        load(store, rows[0], sha="one")
        write_vocabulary(store, [Judgement("H01", "a", "b", reviewed_by="x"), Judgement("*", "c", "step", reviewed_by="x")],
                         now=worlds.NOW)  # fmt: skip
        check(store)
        load(store, rows[1], sha="two")
        check(store)
        undo_vocabulary(store)
        check(store)
        retract(store, 1)
        check(store)


def test_selections_that_need_the_events(tmp_path):
    with new_store(tmp_path / "s") as store:
        load(store, {"event": [event("1", "a", 0), event("1", "b", 1)]}, sha="one")
        for selection in (
            Selection(channels=("online",)),
            Selection(start=date(2024, 1, 2)),  # not a whole month
            Selection(end=date(2024, 2, 28)),
            Selection(closed=True),
        ):
            assert summary.edges(store, selection) is None
            assert summary.steps(store, selection) is None
            assert summary.counts(store, selection) is None
        assert summary.edges(store, Selection(procedure="p", provinces=("H01",))) is None  # medians
        with trying(store, [Judgement("*", "a", "x")]):
            assert summary.edges(store, Selection()) is None
        assert summary.edges(store, Selection())["count"].tolist() == [1]


def test_many_changes_are_folded_together(tmp_path, monkeypatch):
    monkeypatch.setattr(summary, "_COMPACT_ROWS", 1)
    with new_store(tmp_path / "s") as store:
        for number in range(4):
            load(store, {"event": [event("1", "a", 0), event("1", f"b{number}", 1 + number)]}, sha=str(number))
        assert store.scalar("select count(*) from summary_edge where count < 0") == 0  # folded after the last load
        assert_equal(summary.edges(store, Selection()), long_way(store, Selection())[0], ["step_id", "next_step_id"])


@pytest.mark.parametrize("selection", [Selection(), Selection(procedure="p")])
def test_an_empty_store_has_empty_summaries(tmp_path, selection):
    with new_store(tmp_path / "s") as store:
        assert summary.edges(store, selection).empty
        assert summary.steps(store, selection).empty


def test_only_the_medians_of_touched_pairs_are_computed_anew(tmp_path):
    """p: a-b after 1 hour, b-c after 2; q: a-b after 4. One dossier more of p goes from a to b in 3 hours."""
    with new_store(tmp_path / "s") as store:
        rows = {"dossier": [dossier("1", procedure_code="p"), dossier("2", procedure_code="q")],
                "event": [event("1", "a", 0), event("1", "b", 1), event("1", "c", 3),
                          event("2", "a", 0), event("2", "b", 4)]}  # fmt: skip
        load(store, rows, sha="one")
        store.con.execute("update summary_quantile set p90_seconds = -1")
        load(
            store,
            {"dossier": [dossier("3", procedure_code="p")], "event": [event("3", "a", 0), event("3", "b", 3)]},
            sha="two",
        )
        found = store.con.execute(
            "select code, a.label || b.label, median_seconds / 3600, p90_seconds = -1 from summary_quantile q "
            "join activity a on a.activity_id = q.step_id join activity b on b.activity_id = q.next_step_id order by all"
        ).fetchall()  # fmt: skip
        assert found == [("p", "ab", 2, False), ("p", "bc", 2, True), ("q", "ab", 4, True),
                         (None, "ab", 3, False), (None, "bc", 2, True)]  # fmt: skip
        retract(store, 2)
        assert store.con.execute("select median_seconds from summary_quantile where code = 'p' order by 1").fetchall() == [
            (3600,), (3600,), (7200,), (7200,)  # of each pair, and of the wait before b and c
        ]  # fmt: skip
        retract(store, 1)
        assert store.scalar("select count(*) from summary_quantile") == 0
