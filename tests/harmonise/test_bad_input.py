"""Logs about which little can be said: every step says what and why, and makes up no number."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.harmonise.logs import closed_log, traces
from tests.harmonise.migration.test_migration import STRAIGHT, _deadlock
from workbench.errors import ModelError, TooFewCases
from workbench.harmonise.comparison.compare import compare_organisations
from workbench.harmonise.configuration.configure import configure
from workbench.harmonise.migration.migration import migration_plan
from workbench.harmonise.migration.tracking import track_distance
from workbench.harmonise.recommendation.recommend import recommend
from workbench.harmonise.unification.unify import harmonise_procedure
from workbench.harmonise.vocabulary.canonical_steps import canonical_steps
from workbench.i18n import catalogue
from workbench.mining.waiting import waiting_causes
from workbench.selection import Selection

P = Selection(procedure="1.000001")


def opened(given: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same log with all dossiers open."""
    return {**given, "dossiers": given["dossiers"].drop(columns="closed_at")}


def tied(given: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same log with all events of a dossier at one moment."""
    events = given["events"]
    first = events.groupby("dossier_code")["completed_at"].transform("min")
    return {"events": events.assign(completed_at=first), "dossiers": given["dossiers"].assign(closed_at=first.iloc[0])}


def said(found) -> set[str]:
    """The codes of a result, each of which has a text in both languages."""
    for language in ("vi", "en"):
        assert all(f"harmonise.note.{code}" in catalogue(language) for code in found.notes)
    return set(found.notes)


def test_one_organisation_only(store_from):
    store = store_from(**closed_log(traces(A="a b c x40")))
    for step in (compare_organisations, harmonise_procedure):
        with pytest.raises(TooFewCases, match="one organisation only: A"):
            step(store, P)
    found = recommend(store, P)
    assert found.items == ()
    assert "one_organisation" in said(found)
    plan = migration_plan(store, P, STRAIGHT)
    assert "one_organisation" in plan.gaps
    assert plan.organisations["organisation"].tolist() == ["A"]
    assert waiting_causes(store, P).comparison.empty


def test_two_cases(store_from):
    store = store_from(**closed_log(traces(A="a b c", B="a b c")))
    for step in (compare_organisations, harmonise_procedure):
        with pytest.raises(TooFewCases, match="more than one dossier"):
            step(store, P)
    found = recommend(store, P)
    assert (found.items, found.too_few) == ((), {"A": 1, "B": 1})
    assert {"few_organisations", "few_cases"} <= said(found)
    plan = migration_plan(store, P, STRAIGHT)
    assert plan.organisations["too_few"].all()
    assert track_distance(store, P, STRAIGHT).months["too_few"].all()
    with pytest.raises(TooFewCases):
        configure(store, P, "A", STRAIGHT)


def test_no_shared_step(store_from):
    store = store_from(**closed_log(traces(A="a b x40", B="c d x40", C="e f x40")))
    with pytest.raises(ModelError, match="no step in common"):
        harmonise_procedure(store, P, evaluations=5)
    assert "no_shared_step" in said(compare_organisations(store, P, bootstrap=5))
    found = recommend(store, P)
    assert "no_shared_step" in said(found)
    assert all(one.effect_working_hours is None and one.interval is None for one in found.items)


def test_an_unreviewed_vocabulary(store_from):
    names = ("Thẩm định hồ sơ", "Tham dinh ho so", "THẨM ĐỊNH HS")
    log = {}
    for organisation, name in zip("ABC", names, strict=True):
        log |= {(organisation, f"{organisation}{k}"): ("Tiếp nhận hồ sơ", name, "Trả kết quả") for k in range(40)}
    store = store_from(**closed_log(log))
    with canonical_steps(store, P) as state:
        assert state == "proposed"
        found = recommend(store, P, vocabulary=state)
    assert "unreviewed_vocabulary" in said(found)
    assert found.items == ()


def test_an_unsound_model(store_from):
    store = store_from(**closed_log(traces(A="a b x40", B="a b x40")))
    for step in (migration_plan, track_distance):
        with pytest.raises(ModelError, match="not sound"):
            step(store, P, _deadlock())
    with pytest.raises(ModelError):
        configure(store, P, "A", _deadlock())


def test_ties_only(store_from):
    store = store_from(**tied(closed_log(traces(A="a b c x40", B="a b c x40", C="a b c x20, a c x20"))))
    assert "ties_only" in said(harmonise_procedure(store, P, evaluations=5))
    assert "ties_only" in said(compare_organisations(store, P, bootstrap=5))
    found = recommend(store, P)
    assert "ties_only" in said(found)
    assert all(one.verdict != "recommended" for one in found.items)
    waited = waiting_causes(store, P)
    assert waited.overall["seconds"].sum() == 0
    assert waited.overall["share"].isna().all()


def test_all_dossiers_open(store_from):
    store = store_from(**opened(closed_log(traces(A="a b c x40", B="a b c x40", C="a b x40"))))
    assert "all_open" in said(harmonise_procedure(store, P, evaluations=5))
    found = recommend(store, P)
    assert (found.items, found.tests) == ((), 0)
    assert "all_open" in said(found)
    for step in (migration_plan, track_distance):
        with pytest.raises(TooFewCases):
            step(store, P, STRAIGHT)


def test_nothing_at_all(store):
    found = recommend(store, P)
    assert found.items == ()
    assert "no_dossiers" in said(found)
