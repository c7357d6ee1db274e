"""Findings and recommendations on a small country counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from workbench.harmonise.findings import Limits
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.harmonise.practice import practices
from workbench.harmonise.recommend import recommend
from workbench.selection import Selection

USUAL = ["Tiếp nhận hồ sơ", "Thẩm định hồ sơ", "Lãnh đạo ký duyệt", "Trả kết quả"]
SIGNED = ["Tiếp nhận hồ sơ", "Thẩm định hồ sơ", "Phó lãnh đạo ký nháy", "Lãnh đạo ký duyệt", "Trả kết quả"]


def country(extra: str | None = "H05", n: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five organisations; events two hours apart, one organisation with one more signature that takes three hours."""
    rows, dossiers = [], []
    for k in range(1, 7):
        organisation = f"H{k:02d}"
        for number in range(n):
            start = datetime(2024, 1, 2, 8) + timedelta(days=7 * (number % 20))
            moment = start
            labels = SIGNED if organisation == extra else USUAL
            for place, label in enumerate(labels):
                moment += timedelta(hours=3 if label.startswith("Phó") else 2, minutes=number % 7)
                rows.append((organisation, f"{organisation}-{number}", label, moment, place))
            dossiers.append((organisation, f"{organisation}-{number}", "1.1", start, moment))
    events = pd.DataFrame(rows, columns=["province_code", "dossier_code", "label", "completed_at", "source_order"])
    names = ["province_code", "dossier_code", "procedure_code", "accepted_at", "closed_at"]
    return events, pd.DataFrame(dossiers, columns=names)


def test_an_added_signature_is_found_with_its_time(store_from):
    events, dossiers = country()
    found = recommend(store_from(events=events, dossiers=dossiers), Selection(procedure="1.1"))
    assert [(item.organisations, item.move, item.steps) for item in found.items] == [
        (("H05",), "cut_signature", ("Phó lãnh đạo ký nháy",))
    ]
    only = found.items[0]
    assert only.effect_working_hours == pytest.approx(3.0, abs=0.2)
    assert only.interval[0] <= only.effect_working_hours <= only.interval[1]
    assert (only.verdict, only.dossiers, only.note) == ("recommended", 40, "clock_hours")


def test_nothing_is_found_where_nothing_differs(store_from):
    events, dossiers = country(extra=None)
    assert recommend(store_from(events=events, dossiers=dossiers), Selection(procedure="1.1")).items == ()


def test_small_organisations_are_named_not_judged(store_from):
    events, dossiers = country(n=12)
    found = recommend(
        store_from(events=events, dossiers=dossiers), Selection(procedure="1.1"), limits=Limits(too_few=30)
    )
    assert found.items == ()
    assert found.too_few == {f"H{k:02d}": 12 for k in range(1, 7)}


def test_practices_count_closed_dossiers_only(store_from):
    events, dossiers = country()
    dossiers.loc[dossiers["dossier_code"] == "H05-0", "closed_at"] = pd.NaT
    practice = practices(store_from(events=events, dossiers=dossiers), Selection())
    row = practice.steps[(practice.steps["organisation"] == "H05") & practice.steps["step"].str.startswith("Phó")]
    assert row["dossiers"].tolist() == [39]


def test_benjamini_hochberg_by_hand():
    # p sorted .01 .02 .04 .5: q = .04, .04, .0533.., .5
    assert benjamini_hochberg(pd.Series([0.5, 0.01, 0.04, 0.02]).to_numpy()) == pytest.approx(
        [0.5, 0.04, 0.16 / 3, 0.04]
    )
