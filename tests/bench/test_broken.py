"""The benchmark of broken rows breaks as many as it says, and all of them end in quarantine."""

from __future__ import annotations

from tests.bench import broken


def test_every_broken_row_is_in_quarantine(tmp_path):
    found = broken.measure(20_000)
    assert found["read_alike"]
    assert found["broken_rows"] > 150
    assert found["quarantined"] >= found["broken_rows"]
    assert found["loaded_clean"] - found["loaded_broken"] == found["quarantined"]
    assert {"missing_time", "missing_dossier_code", "negative_duration"} <= set(found["reasons"])
    assert str(found["ratio"]) in broken.write(found, tmp_path)
