"""`workbench recommend`."""

from __future__ import annotations

from tests.cli.conftest import PROCEDURE

FIELDS = {
    "procedure", "move", "steps", "organisations", "dossiers", "effect_working_hours", "interval", "q_value", "verdict",
}  # fmt: skip


def test_too_few_cases_are_said_instead_of_numbers(invoke, small):
    found = invoke("recommend", "--store", small, "--procedure", PROCEDURE, "--json").json
    assert all(row.keys() >= FIELDS for row in found["recommendations"])
    assert found["too_few_cases"]


def test_table(invoke, small):
    assert invoke("recommend", "--store", small, "--procedure", PROCEDURE).code == 0
