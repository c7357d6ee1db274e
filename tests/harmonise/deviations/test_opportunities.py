"""Moves beyond added steps: slow steps, orders, channels, leaders; each on a small country counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from workbench.harmonise.deviations.opportunities import further_tests, order_counts, order_spans, pooled_contrast
from workbench.harmonise.recommendation.recommend import recommend
from workbench.selection import Selection

STEPS = ("Tiếp nhận", "Thẩm định", "Xác minh", "Ký duyệt", "Trả kết quả")
ODD = "H05"


def country(steps_of, *, hours=lambda organisation, label, k: 2.0, role=lambda o, s: None, channel=None, n=40):
    """Seven organisations with `n` dossiers each; every step ends some hours after the one before."""
    rows, dossiers = [], []
    for place in range(1, 8):
        organisation = f"H{place:02d}"
        for k in range(n):
            start = moment = datetime(2024, 1, 2, 8) + timedelta(days=7 * (k % 20))
            for order, label in enumerate(steps_of(organisation, k)):
                moment += timedelta(hours=hours(organisation, label, k), minutes=(7 * k + 3 * place) % 11)
                rows.append((organisation, f"{organisation}-{k}", label, moment, order, role(organisation, label)))
            filed = channel(organisation, k) if channel else "desk"
            dossiers.append((organisation, f"{organisation}-{k}", "1.1", start, moment, filed))
    names = ["province_code", "dossier_code", "label", "completed_at", "source_order", "role"]
    events = pd.DataFrame(rows, columns=names)
    heads = ["province_code", "dossier_code", "procedure_code", "accepted_at", "closed_at", "channel"]
    return {"events": events, "dossiers": pd.DataFrame(dossiers, columns=heads)}


def found(store):
    return recommend(store, Selection(procedure="1.1"))


def as_always(organisation, k):
    return STEPS


def test_a_slow_step_is_given_a_due_time(store_from):
    slow = country(as_always, hours=lambda o, s, k: 9.0 if (o, s) == (ODD, "Xác minh") else 2.0)
    (only,) = found(store_from(**slow)).items
    assert (only.organisations, only.move, only.steps) == ((ODD,), "standardise_due", ("Xác minh",))
    assert (only.verdict, only.dossiers, only.share) == ("recommended", 40, 1.0)
    assert only.effect_working_hours == pytest.approx(7.0, abs=0.3)
    assert only.interval[0] <= 7.0 <= only.interval[1]


def test_another_order_than_the_others_is_put_right(store_from):
    swapped = ("Tiếp nhận", "Xác minh", "Thẩm định", "Ký duyệt", "Trả kết quả")
    # A verification before the appraisal takes three hours more.
    given = country(
        lambda o, k: swapped if o == ODD else STEPS,
        hours=lambda o, s, k: 5.0 if (o, s) == (ODD, "Xác minh") else 2.0,
    )
    (only,) = [one for one in found(store_from(**given)).items if one.move == "reorder"]
    assert (only.organisations, only.steps) == ((ODD,), ("Xác minh", "Thẩm định"))
    assert only.effect_working_hours == pytest.approx(3.0, abs=0.3)


def test_two_steps_in_a_fixed_order_are_done_side_by_side(store_from):
    one, other = STEPS, ("Tiếp nhận", "Xác minh", "Thẩm định", "Ký duyệt", "Trả kết quả")
    given = country(
        lambda o, k: one if o == ODD or k % 2 else other,
        hours=lambda o, s, k: 6.0 if (o, s) == (ODD, "Xác minh") else 2.0,
    )
    (only,) = [item for item in found(store_from(**given)).items if item.move == "parallelise"]
    assert (only.organisations, only.steps, only.kind) == ((ODD,), ("Thẩm định", "Xác minh"), "fixed_order")
    assert (only.share, only.usual) == (1.0, 0.5)
    assert only.effect_working_hours == pytest.approx(4.0, abs=0.3)
    assert only.verdict == "recommended"


def test_a_leader_who_signs_what_others_leave_to_staff_delegates(store_from):
    def role(organisation, step):
        return "Lãnh đạo UBND" if organisation == ODD and step == "Ký duyệt" else "Chuyên viên"

    given = country(as_always, hours=lambda o, s, k: 5.0 if (o, s) == (ODD, "Ký duyệt") else 2.0, role=role)
    items = found(store_from(**given)).items
    (only,) = [item for item in items if item.move == "delegate"]
    assert (only.organisations, only.steps) == ((ODD,), ("Ký duyệt",))
    assert only.effect_working_hours == pytest.approx(3.0, abs=0.3)


def test_filing_at_the_desk_is_moved_online(store_from):
    def channel(organisation, k):
        return "online" if k % (10 if organisation == ODD else 2) == 0 else "desk"

    # A dossier filed at the desk is received four hours later, everywhere.
    def hours(organisation, step, k):
        return 6.0 if step == "Tiếp nhận" and channel(organisation, k) == "desk" else 2.0

    made = found(store_from(**country(as_always, hours=hours, channel=channel)))
    (only,) = made.items
    assert "unverified_parameters" in made.notes
    assert made.to_dict()["cost_parameters"]["hours_submit_desk"] == 2.0
    assert (only.organisations, only.move, only.method) == ((ODD,), "move_online", "within_organisation_channels")
    assert only.share == pytest.approx(0.9, abs=0.01)
    assert only.effect_working_hours == pytest.approx(4.0, abs=0.5)
    # 36 desk dossiers; (0.9 - 0.5) / 0.9 of them as elsewhere; 3.25 h spared each by the default parameters
    assert only.vnd_a_year > 0


def test_nothing_is_found_where_nothing_differs(store_from):
    def mixed(organisation, k):
        return STEPS if k % 2 else ("Tiếp nhận", "Xác minh", "Thẩm định", "Ký duyệt", "Trả kết quả")

    given = country(mixed, channel=lambda o, k: "online" if k % 2 else "desk", role=lambda o, s: "Lãnh đạo")
    made = found(store_from(**given))
    assert made.items == ()
    assert made.tests > 0


def test_every_recommendation_says_lateness_and_side_effects(store_from):
    slow = country(as_always, hours=lambda o, s, k: 30.0 if (o, s) == (ODD, "Xác minh") else 2.0)
    due = slow["dossiers"]["accepted_at"] + pd.Timedelta(hours=30)
    slow["dossiers"] = slow["dossiers"].assign(due_at=due, accepted_at=slow["dossiers"]["accepted_at"])
    (only,) = found(store_from(**slow)).items
    assert only.lateness.outcome == "late"
    # every dossier of the odd organisation is late and none elsewhere
    assert only.lateness.effect == pytest.approx(1.0, abs=0.01)
    assert only.lateness.low < 1.0
    assert [one.outcome for one in only.side_effects] == ["supplement", "not_done"]
    assert only.side_effects[0].effect == pytest.approx(0.0, abs=1e-9)


def test_orders_by_hand(store_from):
    store = store_from({("A", "1"): "a b c", ("A", "2"): "a c b", ("A", "3"): "a b a b c"})
    table = order_counts(store, Selection(), by="province_code")
    pairs = {(row.first, row.second): row.dossiers for row in table.itertuples()}
    assert pairs == {("a", "b"): 2, ("b", "c"): 2, ("a", "c"): 1, ("c", "b"): 1}
    spans = order_spans(store, Selection(), "b", "c", by="province_code")
    # events an hour apart: from a to the later of b and c two hours, whatever the order
    assert (spans["mean"] == 7200).all()


def test_few_dossiers_are_not_tested(store_from):
    assert further_tests(store_from(**country(as_always, n=10)), Selection(), by="province_code", too_few=30).empty


def test_channels_need_three_organisations_with_both():
    rows = [("A", online, 5, 100.0 - 50 * online, 4.0) for online in (False, True)]
    table = pd.DataFrame(rows, columns=["organisation", "online", "n", "mean", "variance"])
    assert pooled_contrast(table.assign(variant="", applicant="", quarter=1)) is None
