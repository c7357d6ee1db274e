"""The quality report, counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from tests.store.worlds import dossier, event, load, new_store
from workbench.errors import SelectionError
from workbench.i18n import catalogue
from workbench.intake.quality import dossiers_behind, quality
from workbench.intake.quality_rules import ARTEFACTS, CHECKS
from workbench.intake.sync_gaps import sync_gaps
from workbench.store.loading import retract

DAY = datetime(2024, 1, 2, 8)
CODE = "000.00.06.H01-240102-{}"


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "s.duckdb") as made:
        yield made


def chain(code, *statuses, province="H01", **more):
    return [event(code, f"s{place}", place, province=province, status=status, source_order=place, **more)
            for place, status in enumerate(statuses)]  # fmt: skip


def found(report, code):
    """How many dossiers show an artefact or fail a check, and of how many."""
    totals, checks = report.artefact_totals, report.checks
    if code in set(totals["artefact"]):
        return tuple(int(value) for value in totals.set_index("artefact").loc[code, ["dossiers", "of"]])
    return tuple(int(value) for value in checks.set_index("check").loc[code, ["count", "of"]])


def test_a_clean_dossier_shows_nothing(store):
    code = CODE.format("0001")
    load(store, {"dossier": [dossier(code, accepted_at=DAY, submitted_at=None, due_at=DAY + timedelta(days=9),
                                     closed_at=DAY + timedelta(hours=2), status=9)],
                 "event": chain(code, 2, 4, 9, unit="u")}, sha="one")  # fmt: skip
    report = quality(store)
    assert report.artefacts.empty
    assert report.artefact_totals["dossiers"].sum() == 0
    assert report.checks["count"].sum() == 0
    assert report.basis.n_dossiers == 1


@pytest.mark.parametrize(
    ("artefact", "statuses"),
    [("status_overwritten", (2, 9, 4, 9)), ("missing_events", (2, 9)), ("default_status", (4, 4, 4))],
)
def test_artefacts_seen_in_statuses(store, artefact, statuses):
    marked, plain = CODE.format("0001"), CODE.format("0002")
    load(store, {"dossier": [dossier(code, status=9) for code in (marked, plain)],
                 "event": chain(marked, *statuses) + chain(plain, 2, 4, 9)}, sha="one")  # fmt: skip
    report = quality(store)
    assert found(report, artefact)[0] == 1
    assert dossiers_behind(store, artefact)["dossier_code"].tolist() == [marked]


def test_marked_events_are_counted_by_organisation(store):
    load(store, {"event": [event("1", "a", 0, artefact="default_officer,synthetic_first"), event("1", "b", 1),
                           event("2", "a", 0, province="H02", artefact="cut_officer")]}, sha="one")  # fmt: skip
    table = quality(store).artefacts
    rows = table[table["artefact"].isin(["default_officer", "synthetic_first", "cut_officer"])]
    assert rows[["province_code", "artefact", "dossiers", "of", "share"]].values.tolist() == [
        ["H01", "default_officer", 1, 1, 1.0],
        ["H01", "synthetic_first", 1, 1, 1.0],
        ["H02", "cut_officer", 1, 1, 1.0],
    ]


def test_an_invented_event_does_not_make_the_fields_of_the_others_empty(store):
    load(store, {"event": [event("1", "a", 0, artefact="synthetic_first,empty_step_fields"), event("1", "b", 1, unit="u"),
                           event("2", "a", 0, artefact="empty_step_fields")]}, sha="one")  # fmt: skip
    assert dossiers_behind(store, "empty_step_fields")["dossier_code"].tolist() == ["2"]
    assert dossiers_behind(store, "synthetic_first")["dossier_code"].tolist() == ["1"]


def test_marked_dossiers_are_counted(store):
    columns = "'H01' as province_code, '1' as dossier_code, 'k' as applicant_key, '{\"artefact\": \"placeholder_identity,placeholder_summary\"}' as extra"
    store.con.execute(f"create or replace temp table staged_dossier as select {columns}")
    from workbench.store.loading import Staged, StagedFile, load_staged

    load_staged(store, Staged((StagedFile("f", "s", 0, "dossier", 1),), "test", dossier="staged_dossier"), now=DAY)
    report = quality(store)
    assert found(report, "placeholder_identity") == (1, 1)
    assert found(report, "placeholder_summary") == (1, 1)


def test_dates_that_cannot_be(store):
    def one(number, **more):
        return dossier(CODE.format(number), procedure_code="p", **more)

    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    load(store, {
        "dossier": [
            one("0001", accepted_at=DAY, due_at=before, closed_at=before),
            one("0002", accepted_at=after, due_at=after, closed_at=after + timedelta(hours=1)),  # other day than the code
            one("0003", accepted_at=DAY, closed_at=DAY),  # no due date, closed at receipt
            one("0004", accepted_at=DAY, due_at=after, closed_at=datetime(2024, 7, 1)),  # after the load of 1 June
            dossier("T-9", accepted_at=DAY, due_at=after),  # no code of the prescribed form
            dossier("T-9", province="WABO", accepted_at=DAY, due_at=after),
        ],
        "event": [event(CODE.format("0002"), "a", 0), event(CODE.format("0003"), "a", 5)],
    }, sha="one")  # fmt: skip
    report = quality(store)
    assert found(report, "closed_before_accepted") == (1, 4)
    assert found(report, "due_before_accepted") == (1, 5)
    assert found(report, "code_date") == (1, 4)
    assert found(report, "no_due_date") == (1, 6)
    assert found(report, "no_due_closed_at_receipt") == (1, 4)
    assert found(report, "future_time") == (1, 6)
    assert found(report, "foreign_code") == (1, 5)
    assert found(report, "unknown_organisation") == (1, 6)
    assert found(report, "event_before_submission") == (1, 2)
    assert found(report, "event_after_end") == (1, 2)
    assert found(report, "no_events") == (4, 6)


def test_a_code_of_a_province_that_was_merged_is_no_foreign_code(store):
    old, other = "000.00.06.H02-240102-0001", "000.00.06.H03-240102-0001"  # H02 belongs to H05 since 1/7/2025
    load(store, {"dossier": [dossier(old, province="H05"), dossier(other, province="H05")]}, sha="one")
    assert dossiers_behind(store, "foreign_code")["dossier_code"].tolist() == [other]


def test_return_taken_as_end(store):
    load(store, {"dossier": [dossier("1", closed_at=DAY + timedelta(hours=3)), dossier("2", closed_at=DAY + timedelta(hours=2))],
                 "event": chain("1", 2, 4, 9, 10) + chain("2", 2, 4, 9, 10)}, sha="one")  # fmt: skip
    assert found(quality(store), "end_9_and_10") == (1, 2)


def test_ties_and_midnights(store):
    load(store, {"event": [event("1", "a", 16), event("1", "b", 16), event("1", "c", 20)]}, sha="one")
    report = quality(store)
    assert found(report, "same_time_as_next") == (1, 2)
    assert found(report, "midnight") == (2, 3)


def test_loads_balance_and_quarantine_is_by_file(store):
    load(
        store,
        {"dossier": [dossier("1")], "event": [event("1", "a", 0), event("9", "a", 0), event("1", "a", 0)]},
        sha="one",
    )
    report = quality(store)
    line = report.loads.iloc[0]
    assert (line.rows_in, line.rows_loaded, line.rows_quarantined, line.rows_duplicate) == (4, 2, 1, 1)
    assert line.balanced and line.file_rows == 4
    assert report.quarantine.values.tolist() == [[1, "one.csv", "event_without_dossier", "dossier_code", 1]]
    retract(store, 1)
    assert quality(store).loads["status"].tolist() == ["retracted"]


def test_gaps_in_synchronisation(store):
    days = pd.bdate_range("2024-01-02", "2024-02-27")
    silent = set(pd.bdate_range("2024-02-06", "2024-02-09"))
    busy = [{"province_code": "H01", "dossier_code": f"{day:%m%d}{n}", "label": "a", "completed_at": day + timedelta(hours=9)}
            for day in days if day not in silent for n in range(6)]  # fmt: skip
    slow = [{"province_code": "H02", "dossier_code": f"{day:%m%d}", "label": "a", "completed_at": day + timedelta(hours=9)}
            for day in days[::3]]  # fmt: skip
    load(store, {"event": busy + slow}, sha="one")
    gaps = sync_gaps(store)
    assert gaps[["province_code", "working_days", "usual_events", "missing_events"]].values.tolist() == [
        ["H01", 4, 6.0, 24.0]
    ]
    assert (str(gaps.first_day[0]), str(gaps.last_day[0])) == ("2024-02-06", "2024-02-09")


def test_an_empty_store_has_an_empty_report(store):
    report = quality(store)
    assert report.artefacts.empty and report.sync_gaps.empty and report.loads.empty
    assert report.checks["count"].sum() == 0
    assert report.to_dict()["basis"]["n_dossiers"] == 0


def test_dossiers_behind_a_count_are_limited_and_chosen(store):
    load(store, {"dossier": [dossier("1"), dossier("2"), dossier("3", province="H02")]}, sha="one")
    assert dossiers_behind(store, "no_due_date", limit=2)["dossier_code"].tolist() == ["1", "2"]
    assert dossiers_behind(store, "no_due_date", province="H02")["dossier_code"].tolist() == ["3"]
    assert dossiers_behind(store, "no_due_date", limit=2, offset=2)["dossier_code"].tolist() == ["3"]
    with pytest.raises(SelectionError, match="no quality rule 'nonsense'"):
        dossiers_behind(store, "nonsense")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_rule_has_its_text(language):
    texts = catalogue(language)
    for rule in ARTEFACTS:
        assert f"quality.artefact.{rule.code}" in texts
        assert f"quality.rule.{rule.code}" in texts
        assert f"quality.evidence.{rule.evidence}" in texts
    for rule in CHECKS:
        assert f"quality.check.{rule.code}" in texts
