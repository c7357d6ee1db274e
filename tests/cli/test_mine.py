"""`workbench mine`: the JSON scripts rely on, the tables people read."""

from __future__ import annotations

import pytest

from tests.cli.conftest import PROCEDURE, THREE
from workbench.mining.model_files import read_model

CHOICE = ("--procedure", PROCEDURE, *THREE)
SELECTED = {"procedure": PROCEDURE, "provinces": ["H24", "H29", "H41"]}


def test_dfg(invoke, small):
    found = invoke("mine", "dfg", "--store", small, *CHOICE, "--json").json
    assert {"edges", "activities", "selection"} <= found.keys()
    assert {"source", "target", "count", "median_seconds"} <= found["edges"][0].keys()
    assert found["selection"] == SELECTED
    assert sum(row["start_count"] for row in found["activities"]) <= found["basis"]["n_dossiers"]


def test_dfg_of_two_hand_made_dossiers(invoke, simple_csv, tmp_path):
    store = tmp_path / "s.duckdb"
    invoke("load", simple_csv, "--store", store)
    edges = invoke("mine", "dfg", "--store", store, "--json").json["edges"]
    assert {(row["source"], row["target"], row["count"], row["median_seconds"]) for row in edges} == {
        ("Tiếp nhận", "Thẩm định", 1, 7200.0),
        ("Thẩm định", "Trả kết quả", 1, 82800.0),
        ("Tiếp nhận", "Trả kết quả", 1, 171000.0),
    }


def test_variants(invoke, small):
    found = invoke("mine", "variants", "--store", small, *CHOICE, "--json").json
    assert {"rank", "variant", "count", "share"} <= found["variants"][0].keys()
    assert sum(row["count"] for row in found["variants"]) <= found["basis"]["n_dossiers"]
    assert len(invoke("mine", "variants", "--store", small, *CHOICE, "--limit", 2, "--json").json["variants"]) == 2


def test_performance(invoke, small):
    found = invoke("mine", "performance", "--store", small, *CHOICE, "--json").json
    assert {"throughput", "steps", "handovers", "selection"} <= found.keys()


@pytest.mark.parametrize("algorithm", ["split", "inductive", "heuristics"])
def test_discover(invoke, small, algorithm):
    found = invoke("mine", "discover", "--store", small, *CHOICE, "--algorithm", algorithm, "--json").json
    assert found["size"] == len(found["model"]["nodes"])
    assert found["selection"] == SELECTED


@pytest.mark.parametrize("ending", ["bpmn", "pnml"])
def test_a_discovered_model_is_written_and_conformed_to(invoke, small, tmp_path, ending):
    file = tmp_path / f"model.{ending}"
    assert invoke("mine", "discover", "--store", small, *CHOICE, "--out", file).code == 0
    assert read_model(file) is not None
    words = ("mine", "conformance", "--store", small, *CHOICE, "--model", file, "--json")
    found = invoke(*words).json
    assert 0.5 < found["fitness"] <= 1
    assert {"steps", "deviations", "organisations", "breaches", "selection"} <= found.keys()


def test_conformance_without_a_model_takes_the_selections_own(invoke, small):
    found = invoke("mine", "conformance", "--store", small, *CHOICE, "--json").json
    assert 0.5 < found["fitness"] <= 1


@pytest.mark.parametrize("what", ["dfg", "variants", "performance", "discover", "conformance"])
def test_tables_for_people(invoke, small, what):
    done = invoke("mine", what, "--store", small, *CHOICE)
    assert done.code == 0
    assert "hồ sơ" in done.out
    assert "_seconds" not in done.out
    english = invoke("mine", what, "--store", small, *CHOICE, "--language", "en")
    assert "dossiers" in english.out


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (("--procedure", "9.9"), "9.9"),
        (("--province", "H999"), "H999"),
    ],
)
def test_an_unknown_choice_is_named(invoke, small, words, value):
    done = invoke("mine", "dfg", "--store", small, *words, "--json")
    assert done.code == 5
    assert value in done.err
    assert done.out == ""


def test_a_choice_without_dossiers_is_an_empty_graph(invoke, small):
    found = invoke("mine", "dfg", "--store", small, "--from", "2035-01-01", "--json")
    assert found.code == 0
    assert found.json["edges"] == []
    assert found.json["basis"]["n_dossiers"] == 0


def test_bad_models(invoke, small, tmp_path):
    picture = tmp_path / "x.pdf"
    picture.write_bytes(b"%PDF")
    for file in (picture, tmp_path / "none.bpmn"):
        done = invoke("mine", "conformance", "--store", small, *CHOICE, "--model", file)
        assert done.code == 7
        assert file.name in done.err
    assert invoke("mine", "discover", "--store", small, *CHOICE, "--out", tmp_path / "m.docx").code == 7
