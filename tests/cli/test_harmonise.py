"""`workbench harmonise`: the files scripts look for."""

from __future__ import annotations

import csv
import json

import pytest

from tests.cli.conftest import PROCEDURE, THREE
from workbench.mining.model_files import read_model
from workbench.mining.pm4py_door import prove_soundness, to_petri


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    from workbench.cli.main import run

    out = tmp_path_factory.mktemp("harmonise") / "out"
    words = ["harmonise", "--store", str(small), "--procedure", PROCEDURE, *THREE, "--out", str(out), "--seconds", "3"]
    assert run([*words, "--quiet"]) == 0
    return out


def test_evaluation(folder):
    found = json.loads((folder / "evaluation.json").read_text("utf-8"))
    unified = found["unified"]
    assert unified["size"] > 0
    assert unified["organisations"].keys() == {"H24", "H29", "H41"}
    for row in unified["organisations"].values():
        assert {"fitness", "precision", "f", "dossiers"} <= row.keys()
    shares = [row["f"] for row in unified["organisations"].values()]
    assert unified["mean"]["f"] == pytest.approx(sum(shares) / 3)
    assert len(found["candidates"]) > 1


def test_models_open_again(folder):
    assert read_model(folder / "unified.bpmn").size > 0
    assert read_model(folder / "unified.pnml") is not None


def test_recommendations_and_migration(folder):
    assert isinstance(json.loads((folder / "recommendations.json").read_text("utf-8"))["recommendations"], list)
    with (folder / "migration.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["action"] for row in rows} <= {"add", "drop", "move"}
    assert {row["organisation"] for row in rows} <= {"H24", "H29", "H41"}


def test_configured_for_one_organisation(invoke, small, folder, tmp_path):
    out = tmp_path / "configured.bpmn"
    words = ("configure", "--store", small, "--procedure", PROCEDURE, "--organisation", "H29", "--model", folder)
    done = invoke(*words, "--out", out, "--json")
    assert done.code == 0
    assert {"organisation", "how", "size", "file", "score", "unified", "changes"} <= done.json.keys()
    model = read_model(out)
    assert model.size == done.json["size"] and prove_soundness(to_petri(model)).sound


def test_one_organisation_cannot_be_unified(invoke, small, tmp_path):
    words = ("harmonise", "--store", small, "--procedure", PROCEDURE, "--province", "H29", "--out", tmp_path / "x")
    done = invoke(*words)
    assert done.code == 6
    assert "H29" in done.err
    assert not (tmp_path / "x").exists()
