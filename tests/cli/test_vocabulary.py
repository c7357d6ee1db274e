"""`workbench vocabulary`: propose, review in a file, apply, list, undo."""

from __future__ import annotations

import csv

from tests.cli.conftest import PROCEDURE


def test_proposals(invoke, small):
    rows = invoke("vocabulary", "propose", "--store", small, "--procedure", PROCEDURE, "--json").json
    assert isinstance(rows, list)
    assert all(row.keys() == {"organisation", "label", "step", "confidence"} for row in rows)
    assert all(0 <= row["confidence"] <= 1 for row in rows)


def test_review_apply_undo(invoke, own, tmp_path):
    review = tmp_path / "review.csv"
    words = ("vocabulary", "propose", "--store", own, "--procedure", PROCEDURE, "--out", review)
    assert invoke(*words).code == 0
    with review.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["decision"] = "accept"
    with review.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)

    def count():
        return len(invoke("mine", "variants", "--store", own, "--procedure", PROCEDURE, "--json").json["variants"])

    before = count()
    applied = invoke("vocabulary", "apply", review, "--store", own, "--reviewer", "An", "--json")
    assert applied.json["lines"] > 0
    assert {row["reviewed_by"] for row in invoke("vocabulary", "list", "--store", own, "--json").json} == {"An"}
    assert count() < before
    assert invoke("vocabulary", "undo", "--store", own).code == 0
    assert count() == before
    assert "hoàn tác" in invoke("vocabulary", "undo", "--store", own).err


def test_a_decision_that_is_none_is_said_with_its_line(invoke, own, tmp_path):
    review = tmp_path / "review.csv"
    invoke("vocabulary", "propose", "--store", own, "--procedure", PROCEDURE, "--out", review)
    with review.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["decision"] = "maybe"
    with review.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    done = invoke("vocabulary", "apply", review, "--store", own, "--reviewer", "An")
    assert done.code != 0
    assert "maybe" in done.err
