"""`workbench demo`: the whole way."""

from __future__ import annotations

import pytest


@pytest.mark.slow
def test_the_whole_way_and_again(invoke, tmp_path):
    folder = tmp_path / "demo"
    done = invoke("demo", "--no-serve", "--dossiers", 1500, "--dir", folder, "--quiet")
    assert done.code == 0, done.err
    assert (folder / "country.duckdb").exists()
    names = {path.name for path in (folder / "harmonised").iterdir()}
    assert {"unified.bpmn", "unified.pnml", "evaluation.json", "recommendations.json", "migration.csv"} <= names
    again = invoke("demo", "--no-serve", "--dossiers", 1500, "--dir", folder, "--quiet")
    assert again.code == 0
