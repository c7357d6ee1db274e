"""`workbench synth`."""

from __future__ import annotations

import json


def test_writes_a_log_and_its_truth(invoke, tmp_path):
    done = invoke("synth", "--dossiers", 200, "--seed", 3, "--out", tmp_path / "a", "--json")
    assert done.code == 0
    assert done.json["dossiers"] == 200
    assert done.json["synthetic"] is True
    truth = json.loads((tmp_path / "a" / "truth.json").read_text("utf-8"))
    assert {"procedure", "province", "kind", "steps", "effect_working_hours"} <= truth["deviations"][0].keys()
    assert {"province", "label", "step"} <= truth["vocabulary"][0].keys()
    assert list((tmp_path / "a").glob("events*.parquet"))


def test_the_same_seed_gives_the_same_log(invoke, tmp_path):
    texts = []
    for name in ("a", "b"):
        assert invoke("synth", "--dossiers", 150, "--seed", 3, "--out", tmp_path / name).code == 0
        texts.append((tmp_path / name / "truth.json").read_text("utf-8"))
    assert texts[0] == texts[1]


def test_no_deviations_plants_none(invoke, tmp_path):
    done = invoke("synth", "--dossiers", 150, "--out", tmp_path / "a", "--no-deviations", "--noise", 0)
    assert done.code == 0
    assert json.loads((tmp_path / "a" / "truth.json").read_text("utf-8"))["deviations"] == []
    assert done.out == ""


def test_no_dossiers_is_a_usage_error(invoke, tmp_path):
    assert invoke("synth", "--dossiers", 0, "--out", tmp_path / "a").code == 2
