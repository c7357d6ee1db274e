"""`workbench indicators`."""

from __future__ import annotations


def test_recomputed_indicators(invoke, small):
    found = invoke("indicators", "--store", small, "--every", "year", "--by", "channel", "--json").json
    assert {"group", "id", "numerator", "denominator", "ratio", "points"} <= found["table"][0].keys()
    assert {"2.1", "3.3"} <= {row["id"] for row in found["table"]}


def test_the_table_says_it_is_recomputed(invoke, small):
    done = invoke("indicators", "--store", small)
    assert done.code == 0
    assert "Tính lại" in done.out
