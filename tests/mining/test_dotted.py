"""Points, lines and rhythm for the app."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.mining.dotted import dotted_chart, performance_spectrum, rhythm
from workbench.selection import Selection

TRACES = {("H01", str(n)): "a b c" for n in range(6)} | {("H02", "x"): "a c"}


@pytest.fixture(scope="module")
def log(store_of):
    return store_of(TRACES)


def test_all_events_when_the_sample_is_large(log):
    found = dotted_chart(log)
    assert found.sampled == 7
    assert len(found.points) == 20
    one = found.points[found.points["dossier_code"] == "x"]
    assert one["step"].tolist() == ["a", "c"]
    assert one["seconds"].tolist() == [0, 3600]
    assert one["organisation"].unique().tolist() == ["H02"]


def test_the_seed_decides_the_sample(log):
    first, again = dotted_chart(log, dossiers=3), dotted_chart(log, dossiers=3)
    assert first.sampled == 3
    assert first.points.equals(again.points)
    others = {frozenset(dotted_chart(log, dossiers=3, seed=seed).points["dossier_code"]) for seed in range(8)}
    assert len(others) > 1


def test_passages_with_their_quartile(log):
    found = performance_spectrum(log)
    assert found.segments[["source", "target", "count"]].to_numpy().tolist() == [
        ["a", "b", 6],
        ["b", "c", 6],
        ["a", "c", 1],
    ]
    assert len(found.lines) == 13
    assert (found.lines["end"] - found.lines["begin"]).unique() == [pd.Timedelta(hours=1)]
    assert set(found.lines["quartile"]) == {1}


def test_slow_passages_are_in_the_last_quartile(store_of):
    events = pd.DataFrame(
        [
            {"province_code": "H01", "dossier_code": str(n), "label": step, "completed_at": at, "source_order": k}
            for n in range(1, 9)
            for k, (step, at) in enumerate(
                [
                    ("a", pd.Timestamp("2024-01-02 08:00")),
                    ("b", pd.Timestamp("2024-01-02 08:00") + pd.Timedelta(hours=n)),
                ]
            )
        ]
    )
    lines = performance_spectrum(
        store_of(events=events.assign(completed_at=events["completed_at"].astype("datetime64[us]")))
    ).lines
    assert lines.sort_values("seconds")["quartile"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]


def test_segments_can_be_named_and_lines_bounded(log):
    found = performance_spectrum(log, segments=(("a", "c"), ("a", "b"), ("x", "y")), lines=2)
    assert found.segments["source"].tolist() == ["a", "a"]
    assert found.lines["segment"].tolist() == [0, 1, 1]


def test_the_rhythm_of_the_week(log):
    rows = rhythm(log).table
    assert set(rows["weekday"]) == {2}
    assert rows[rows["step"] == "c"][["hour", "count"]].to_numpy().tolist() == [[9, 1], [10, 6]]
    assert rows.groupby("step")["share"].sum().tolist() == pytest.approx([1, 1, 1])


def test_an_empty_selection(log):
    nothing = Selection(channels=("post",))
    assert dotted_chart(log, nothing).sampled == 0
    assert performance_spectrum(log, nothing).lines.empty
    assert rhythm(log, nothing).table.empty
