"""`workbench cost`, `online`, `migrate`, `track` and `mine waiting`."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import PROCEDURE, THREE

WHICH = ("--procedure", PROCEDURE)
UNSOUND = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p">
<startEvent id="s"/><exclusiveGateway id="x"/><task id="a" name="a"/><task id="b" name="b"/><parallelGateway id="j"/>
<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="a"/>
<sequenceFlow id="f3" sourceRef="x" targetRef="b"/><sequenceFlow id="f4" sourceRef="a" targetRef="j"/>
<sequenceFlow id="f5" sourceRef="b" targetRef="j"/><sequenceFlow id="f6" sourceRef="j" targetRef="e"/>
</process></definitions>"""


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    from workbench.cli.main import run

    out = tmp_path_factory.mktemp("change") / "out"
    words = ["harmonise", "--store", str(small), *WHICH, *THREE, "--out", str(out), "--evaluations", "20", "--quiet"]
    assert run(words) == 0
    return out


def test_cost_with_every_parameter(invoke, small, tmp_path):
    file = tmp_path / "cost.toml"
    words = ("cost", "--store", small, *WHICH, "--set", "papers=2", "--after", "online_share=1", "--json")
    found = invoke(*words, "--write-parameters", file).json
    assert found["change"]["cut"] > 0
    assert [row["target"] for row in found["targets"]] == [0.3, 0.5]
    assert {row["name"] for row in found["parameters"]} >= {"gdp_per_head_vnd", "hours_per_paper", "papers"}
    assert "unverified_parameters" in found["gaps"]
    assert "papers = 2\n" in file.read_text("utf-8")
    again = invoke("cost", "--store", small, *WHICH, "--parameters", file, "--after", "online_share=1", "--json").json
    assert again["change"]["before"]["per_year_vnd"] == found["change"]["before"]["per_year_vnd"]


def test_no_cost_parameters_is_said(invoke, small):
    words = ("cost", "--store", small, *WHICH, "--no-defaults")
    found = invoke(*words, "--json").json
    assert found["change"] is None
    assert "no_parameters" in found["gaps"]
    assert "Chưa có tham số chi phí" in invoke(*words).err


def test_what_sets_nothing_is_refused(invoke, small):
    assert invoke("cost", "--store", small, *WHICH, "--after", "papers").code != 0
    assert invoke("cost", "--store", small, *WHICH, "--set", "nothing=1").code != 0


def test_online_readiness(invoke, small, tmp_path):
    papers = tmp_path / "papers.toml"
    papers.write_text('"Căn cước" = "CSDL quốc gia về dân cư"\n"Bản vẽ" = ""\n', "utf-8")
    found = invoke("online", "--store", small, *WHICH, "--papers", papers, "--json").json
    assert {row["barrier"] for row in found["barriers"]} >= {"filed_at_desk", "supplement_asked"}
    assert all(row["low"] <= row["share"] <= row["high"] for row in found["barriers"])
    assert {row["paper"]: row["database"] for row in found["papers"]} == {
        "Căn cước": "CSDL quốc gia về dân cư",
        "Bản vẽ": None,
    }
    assert "Rào cản" in invoke("online", "--store", small, *WHICH).out


def test_migration_and_tracking(invoke, small, folder):
    plan = json.loads((folder / "migration_plan.json").read_text("utf-8"))
    assert {row["organisation"] for row in plan["organisations"]} == {"H24", "H29", "H41"}
    words = ("--store", small, *WHICH, *THREE, "--model", folder, "--quiet")
    again = invoke("migrate", *words, "--json").json
    assert again["organisations"] == plan["organisations"]
    assert all(row["distance_after"] <= row["distance_before"] + 1e-9 for row in again["organisations"])
    assert invoke("migrate", *words).code == 0
    found = invoke("track", *words, "--since", "2024-06-01", "--json").json
    assert {row["organisation"] for row in found["months"]} == {"all", "H24", "H29", "H41"}
    assert {row["organisation"] for row in found["change"]} <= {"all", "H24", "H29", "H41"}
    assert found["vocabulary"] in ("proposed", "mixed", "reviewed", "labels")
    assert invoke("track", *words, "--since", "2024-06-01").code == 0


def test_waiting_causes(invoke, small):
    words = ("mine", "waiting", "--store", small, *WHICH, *THREE, "--quiet")
    found = invoke(*words, "--json").json
    assert {row["cause"] for row in found["overall"]} == {
        "batching", "contention", "prioritisation", "unavailability", "extraneous",
    }  # fmt: skip
    assert {row["organisation"] for row in found["comparison"]} == {"H24", "H29", "H41"}
    assert found["method"]["starts"] in ("recorded", "estimated", "mixed")
    assert "Lashkevich" in invoke(*words).out


@pytest.mark.parametrize("command", ["migrate", "track"])
def test_unsound_and_missing_models(invoke, small, tmp_path, command):
    file = tmp_path / "unsound.bpmn"
    file.write_text(UNSOUND, "utf-8")
    words = (command, "--store", small, *WHICH, *THREE, "--quiet", "--model")
    done = invoke(*words, file)
    assert done.code != 0
    assert done.out == ""
    assert "unsound" in done.err or "không đúng đắn" in done.err
    assert invoke(*words, tmp_path / "nowhere").code != 0


def test_little_is_said_about_two_dossiers_of_one_organisation(invoke, simple_csv, tmp_path):
    store = tmp_path / "two.duckdb"
    assert invoke("load", simple_csv, "--store", store, "--quiet").code == 0
    which = ("--store", store, "--procedure", "1.000001")
    found = invoke("recommend", *which, "--json").json
    assert found["recommendations"] == []
    assert "all_open" in found["notes"]
    assert "Chưa hồ sơ nào kết thúc xử lý" in invoke("recommend", *which, "--quiet").err
    for command in (("harmonise", "--out", tmp_path / "out"), ("compare",)):
        done = invoke(*command, *which, "--quiet")
        assert (done.code, done.out) == (6, "")
        assert "H01" in done.err
    assert invoke("cost", *which, "--json").json["gaps"]
    assert invoke("mine", "waiting", *which, "--json").json["comparison"] == []
