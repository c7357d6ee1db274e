"""Findings and recommendations on a small country counted by hand."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pandas as pd
import pytest

from workbench.harmonise.comparison.practice import practices
from workbench.harmonise.deviations.findings import Limits
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.harmonise.recommendation.cost import CostParameters, Practice
from workbench.harmonise.recommendation.cost_assessment import spared
from workbench.harmonise.recommendation.recommend import recommend
from workbench.i18n import catalogue
from workbench.selection import Selection

PRACTICE = Practice(100.0, 0.8, 0.1, 0.1, 0.5, 0.0)
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


def three_requests(dossiers: pd.DataFrame, organisation: str) -> pd.DataFrame:
    """Three requests for a supplement in every dossier of one organisation, a quarter of an hour each."""
    own = dossiers.loc[dossiers["province_code"] == organisation, ["province_code", "dossier_code", "accepted_at"]]
    rows = [own.assign(paused_from=own["accepted_at"] + pd.Timedelta(minutes=20 * k)) for k in range(1, 4)]
    out = pd.concat(rows).drop(columns="accepted_at").assign(reason="supplement")
    return out.assign(paused_to=out["paused_from"] + pd.Timedelta(minutes=15))


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
    assert found.too_few == {f"H{k:02d}": 12 for k in range(1, 7)}
    # what one of them does otherwise is told, without a number nobody can stand for
    (only,) = found.items
    assert (only.organisations, only.steps, only.dossiers) == (("H05",), ("Phó lãnh đạo ký nháy",), 12)
    assert (only.verdict, only.note, only.days_reason) == ("too_few_cases",) * 3
    assert (only.effect_working_hours, only.interval, only.q_value, only.working_days_a_year) == (None,) * 4
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["recommendations"][0]["q_value"] is None


def test_a_small_organisation_beside_large_ones_is_no_recommendation(store_from):
    events, dossiers = country(n=40)
    few = dossiers["province_code"].ne("H05") | dossiers["dossier_code"].isin([f"H05-{k}" for k in range(9)])
    kept = dossiers[few]
    found = recommend(
        store_from(events=events[events["dossier_code"].isin(kept["dossier_code"])], dossiers=kept),
        Selection(procedure="1.1"),
    )
    assert [(one.verdict, one.organisations, one.dossiers) for one in found.items] == [("too_few_cases", ("H05",), 9)]
    assert spared(PRACTICE, found.items) == PRACTICE


def test_fewer_than_five_dossiers_show_no_pattern(store_from):
    events, dossiers = country(n=4)
    assert recommend(store_from(events=events, dossiers=dossiers), Selection(procedure="1.1")).items == ()


def test_a_repeated_supplement_of_few_dossiers_is_told_and_priced_nowhere(store_from):
    events, dossiers = country(extra=None, n=12)
    store = store_from(events=events, dossiers=dossiers, pauses=three_requests(dossiers, "H02"))
    (only,) = recommend(store, Selection(procedure="1.1")).items
    assert (only.move, only.verdict, only.organisations) == ("cut_repeated_supplement", "too_few_cases", ("H02",))
    assert (only.vnd_a_year, only.vnd_reason) == (None, "too_few_cases")


def test_other_parameters_price_the_same_moves(store_from):
    events, dossiers = country(extra=None)
    store = store_from(events=events, dossiers=dossiers, pauses=three_requests(dossiers, "H02"))
    found = recommend(store, Selection(procedure="1.1"))
    known = {name: getattr(CostParameters(), name) for name in CostParameters().unverified}
    dearer = CostParameters().confirmed(**{**known, "hours_per_supplement": 2 * known["hours_per_supplement"]})
    again = found.priced(dearer)
    assert again == recommend(store, Selection(procedure="1.1"), parameters=dearer)
    (before,) = [item.vnd_a_year for item in found.items if item.vnd_a_year is not None]
    (after,) = [item.vnd_a_year for item in again.items if item.vnd_a_year is not None]
    assert after == pytest.approx(2 * before, abs=1)
    assert "unverified_parameters" in found.notes
    assert "unverified_parameters" not in again.notes


def test_every_recommendation_has_yearly_figures_or_the_reason_why_not(store_from):
    events, dossiers = country()
    store = store_from(events=events, dossiers=dossiers, pauses=three_requests(dossiers, "H02"))
    found = recommend(store, Selection(procedure="1.1")).items
    moves = {one.move: one for one in found}
    assert moves.keys() == {"cut_signature", "cut_repeated_supplement"}
    assert (moves["cut_signature"].vnd_a_year, moves["cut_signature"].vnd_reason) == (None, "applicant_spared_nothing")
    assert moves["cut_signature"].working_days_a_year > 0
    spares = moves["cut_repeated_supplement"]
    assert (spares.vnd_reason, spares.vnd_a_year > 0) == (None, True)
    for one in found:
        assert (one.working_days_a_year is None) == (one.days_reason is not None)
        assert (one.vnd_a_year is None) == (one.vnd_reason is not None)
    for language in ("vi", "en"):
        texts = catalogue(language)
        days = {"too_few_cases", "renamed", "no_comparison", "step_to_look_at", "no_time_gain"}
        assert {f"harmonise.no_days.{code}" for code in days} <= texts.keys()
        vnd = {"too_few_cases", "renamed", "applicant_spared_nothing"}
        assert {f"harmonise.no_vnd.{code}" for code in vnd} <= texts.keys()


def named(**who: dict[str, tuple[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The country with an added step of a name that tells nothing, and units and officers of every step."""
    events, dossiers = country()
    events["label"] = events["label"].replace("Phó lãnh đạo ký nháy", "Bước 3b")
    unit, officer = zip(*(who["steps"][label] for label in events["label"]), strict=True)
    return events.assign(unit=unit, officer_key=[f"{one} {name}" for one, name in
                                             zip(events["province_code"], officer, strict=True)]), dossiers  # fmt: skip


DESK, ROOM = ("Một cửa", "An"), ("Phòng chuyên môn", "Bình")
WHO = {"Tiếp nhận hồ sơ": DESK, "Thẩm định hồ sơ": ROOM, "Lãnh đạo ký duyệt": ("Phòng chuyên môn", "Châu"),
       "Trả kết quả": DESK}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "move"),
    [
        (ROOM, "merge"),  # the appraisal's officer does it: one step elsewhere
        (("Văn phòng", "Dung"), "cut_handover"),  # from the section to another and back
        (("Phòng chuyên môn", "Dung"), "remove"),  # another officer of the same unit
        ((None, None), "remove"),  # who did it is not recorded
    ],
)
def test_who_acts_around_a_step_tells_the_move(store_from, who, move):
    events, dossiers = named(steps={**WHO, "Bước 3b": who})
    if who == (None, None):
        events = events.drop(columns=["unit", "officer_key"])
    (only,) = recommend(store_from(events=events, dossiers=dossiers), Selection(procedure="1.1")).items
    assert (only.steps, only.move) == (("Bước 3b",), move)
    assert only.effect_working_hours == pytest.approx(3.0, abs=0.2)
    if move == "remove":
        assert only.evidence is None
    else:
        assert only.evidence.passes == 40
        assert (only.evidence.same_officer, only.evidence.returned)[move == "cut_handover"] == 1.0


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
