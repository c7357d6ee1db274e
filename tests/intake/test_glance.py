"""A glance at files: hand-countable graph, variants and durations; pm4py as an oracle; what is refused is counted."""

from __future__ import annotations

import pandas as pd
import pm4py
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import shared_log
from tests.mining.logs import xes_frame
from workbench.errors import Cancelled, FormatError, MappingError
from workbench.intake.glance import glance

HEAD = "ma_ho_so,buoc,thoi_diem_xu_ly,ma_tinh\n"
ROWS = (
    "A,Tiếp nhận,2024-03-04 08:00,H01\n"
    "A,Thẩm định,2024-03-04 10:00,H01\n"
    "A,Trả kết quả,2024-03-05 09:00,H01\n"
    "B,Tiếp nhận,2024-03-04 08:30,H01\n"
    "B,Thẩm định,2024-03-04 12:30,H01\n"
    "B,Trả kết quả,2024-03-06 08:00,H01\n"
    "C,Tiếp nhận,2024-03-04 09:00,H01\n"
    "C,Trả kết quả,2024-03-04 09:00,H01\n"
)


def file(tmp_path, text, name="log.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_three_dossiers_are_counted_by_hand(tmp_path):
    found = glance([file(tmp_path, HEAD + ROWS)])
    edges = {(row.source, row.target): (row.count, row.median_seconds) for row in found.edges.itertuples(index=False)}
    assert edges == {
        ("Tiếp nhận", "Thẩm định"): (2, 3 * 3600.0),
        ("Thẩm định", "Trả kết quả"): (2, (23 + 43.5) / 2 * 3600),
        ("Tiếp nhận", "Trả kết quả"): (1, 0.0),
    }
    assert found.edges.iloc[0]["p90_seconds"] == pytest.approx((23 + 0.9 * 20.5) * 3600)
    assert found.activities.to_numpy().tolist() == [
        ["Tiếp nhận", 3, 3, 0],
        ["Trả kết quả", 3, 0, 3],
        ["Thẩm định", 2, 0, 0],
    ]
    assert found.variants["variant"].tolist() == [
        ["Tiếp nhận", "Thẩm định", "Trả kết quả"],
        ["Tiếp nhận", "Trả kết quả"],
    ]
    assert found.variants[["rank", "steps", "count"]].to_numpy().tolist() == [[1, 3, 2], [2, 2, 1]]
    assert found.variants["share"].tolist() == [2 / 3, 1 / 3]
    assert sorted(found.durations) == [0.0, 25 * 3600.0, 47.5 * 3600]
    assert (found.n_events, found.n_dossiers, found.n_variants) == (8, 3, 2)
    assert found.refused.empty


def test_equal_times_keep_the_order_of_the_file(tmp_path):
    found = glance([file(tmp_path, HEAD + "".join(f"A,{step},2024-03-04 08:00,H01\n" for step in "CBA"))])
    assert found.variants["variant"].tolist() == [["C", "B", "A"]]


def test_the_same_code_in_two_organisations_is_two_dossiers(tmp_path):
    found = glance([file(tmp_path, HEAD + "A,X,2024-03-04 08:00,H01\nA,X,2024-03-04 09:00,H56\n")])
    assert found.n_dossiers == 2
    assert found.edges.empty


def test_rows_that_would_be_refused_are_counted_and_left_out(tmp_path):
    found = glance([file(tmp_path, HEAD + ROWS + "D,Tiếp nhận,no day,H01\nD,,2024-03-04 08:00,H01\n")])
    assert found.refused["rows"].sum() == 2
    assert found.n_dossiers == 3
    assert found.to_dict()["refused"] == found.refused.to_dict("records")


def test_the_same_steps_in_another_order_are_another_variant(tmp_path):
    orders = ("ABCD", "ACBD", "DCBA", "BADC")
    rows = [f"{d},{s},2024-03-04 0{t}:00,H01\n" for d, order in enumerate(orders) for t, s in enumerate(order)]
    assert glance([file(tmp_path, HEAD + "".join(rows))]).n_variants == len(orders)


def test_ties_at_the_limit_are_settled_by_the_labels(tmp_path):
    rows = "".join(f"{step},{step},2024-03-04 08:00,H01\n" for step in "DBCA")
    found = glance([file(tmp_path, HEAD + rows)], limit=2)
    assert found.variants["variant"].tolist() == [["A"], ["B"]]
    assert found.n_variants == 4


def test_a_file_without_events_and_one_that_is_no_log_are_refused(tmp_path):
    with pytest.raises(MappingError):
        glance([file(tmp_path, "a,b\n1,2\n3,4\n")])
    with pytest.raises(FormatError, match="no events"):
        glance(
            [file(tmp_path, "ma_ho_so,ngay_tiep_nhan,ngay_hen_tra\nA,2024-03-04,2024-03-09\nB,2024-03-04,2024-03-09\n")]
        )


def test_it_can_be_cancelled(tmp_path):
    def stop(stage, done, total):
        raise Cancelled(stage)

    with pytest.raises(Cancelled):
        glance([file(tmp_path, HEAD + ROWS)], progress=stop)


_EVENT = st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"), st.integers(0, 5))


@settings(max_examples=15, deadline=None)
@given(st.lists(_EVENT, min_size=1, max_size=20))
def test_random_logs_equal_pandas(tmp_path_factory, events):
    path = tmp_path_factory.mktemp("glance") / "log.csv"
    path.write_text(HEAD + "".join(f"D{d},step {s},2024-03-04 0{t}:00,H01\n" for d, s, t in events), "utf-8")
    found = glance([path])
    frame = pd.DataFrame(events, columns=["dossier", "step", "hour"]).sort_values(["dossier", "hour"], kind="stable")
    frame["next"] = frame.groupby("dossier")["step"].shift(-1)
    frame["gap"] = -frame.groupby("dossier")["hour"].diff(-1) * 3600.0
    pairs = frame.dropna().groupby(["step", "next"])["gap"].agg(["count", "median", "mean"])
    expected = {
        (f"step {a}", f"step {b}"): tuple(row) for (a, b), row in zip(pairs.index, pairs.to_numpy(), strict=True)
    }
    columns = ["count", "median_seconds", "mean_seconds"]
    rows = found.edges[["source", "target", *columns]].itertuples(index=False)
    assert {(row[0], row[1]): pytest.approx(tuple(row[2:])) for row in rows} == expected
    sequences = frame.groupby("dossier")["step"].agg(tuple).value_counts()
    assert {tuple(one): n for one, n in zip(found.variants["variant"], found.variants["count"], strict=True)} == {
        tuple(f"step {step}" for step in sequence): n for sequence, n in sequences.items()
    }


def test_the_receipt_log_equals_pm4py():
    name = "receipt_WABO_CoSeLoG.xes.gz"
    found, log = glance([shared_log(name)]), xes_frame(name)
    graph, starts, ends = pm4py.discover_dfg(log)
    assert {(row.source, row.target): row.count for row in found.edges.itertuples(index=False)} == dict(graph)
    assert {
        row.activity: row.start_count for row in found.activities.itertuples(index=False) if row.start_count
    } == starts
    assert {row.activity: row.end_count for row in found.activities.itertuples(index=False) if row.end_count} == ends
    assert (found.n_dossiers, found.n_events, found.n_variants) == (1434, 8577, 116)
    assert sorted(found.durations) == pytest.approx(sorted(pm4py.get_all_case_durations(log)), abs=1e-3)
