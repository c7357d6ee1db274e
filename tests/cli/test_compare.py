"""`workbench compare`."""

from __future__ import annotations

from tests.cli.conftest import PROCEDURE, THREE


def test_every_model_meets_every_log(invoke, small):
    found = invoke("compare", "--store", small, "--procedure", PROCEDURE, *THREE, "--json").json
    assert {row["organisation"] for row in found["organisations"]} == {"H24", "H29", "H41"}
    assert len(found["matrix"]) == 9
    assert len(found["distances"]) == 3
    assert found["medoid"] in {"H24", "H29", "H41"}
    assert found["vocabulary"] == "proposed"


def test_by_another_column_as_a_table(invoke, small):
    done = invoke("compare", "--store", small, "--procedure", PROCEDURE, "--by", "channel")
    assert done.code == 0
    assert "online" in done.out


def test_what_cannot_be_compared_is_said(invoke, small):
    assert invoke("compare", "--store", small, "--procedure", "9.9").code == 5
    assert invoke("compare", "--store", small, "--procedure", PROCEDURE, "--by", "zz").code == 5
