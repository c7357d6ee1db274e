"""`workbench quality`."""

from __future__ import annotations


def test_counts_balance(invoke, small):
    found = invoke("quality", "--store", small, "--json").json
    for row in found["loads"]:
        assert row["rows_in"] == row["rows_loaded"] + row["rows_quarantined"] + row["rows_duplicate"]
    assert {"loads", "quarantine", "artefacts", "checks", "sync_gaps"} <= found.keys()
    assert found["artefacts"]


def test_tables_name_artefacts_in_words(invoke, small):
    done = invoke("quality", "--store", small)
    assert done.code == 0
    assert "empty_step_fields" not in done.out
