"""`workbench clocks`."""

from __future__ import annotations


def test_four_clocks_side_by_side(invoke, small):
    found = invoke("clocks", "--store", small, "--json").json
    assert [row["clock"] for row in found["rates"]["table"]] == ["law", "portal", "pause", "local"]
    assert all(row["low"] <= row["rate"] <= row["high"] for row in found["rates"]["table"])
    assert found["differences"]["n_differing"] == len(found["differences"]["table"])


def test_by_a_column(invoke, small):
    done = invoke("clocks", "--store", small, "--by", "channel")
    assert done.code == 0
    assert "online" in done.out
    assert invoke("clocks", "--store", small, "--by", "zzz").code == 5
