"""Two periods beside each other, counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.clock.conftest import at
from workbench.errors import SelectionError, TooFewCases
from workbench.indicators.period_changes import period_changes
from workbench.selection import Selection


def _dossier(code: str, accepted: str, closed: str | None, due: str, province: str = "H26") -> dict[str, object]:
    return {
        "dossier_code": code, "province_code": province, "procedure_code": "p1", "accepted_at": accepted, "due_at": due,
        "closed_at": closed, "status": 9 if closed else 4, "channel": "online",
    }  # fmt: skip


@pytest.fixture
def two_months(build_store):
    """February: 2 received, 2 finished, 1 on time, 1 and 3 working days. March: 3 received, 2 finished, both on time."""
    return build_store(
        [
            _dossier("a", "1/2 8:00", "2/2 8:00", "9/2 8:00"),
            _dossier("b", "19/2 8:00", "22/2 8:00", "20/2 8:00"),
            _dossier("c", "4/3 8:00", "5/3 8:00", "11/3 8:00"),
            _dossier("d", "4/3 8:00", "6/3 8:00", "11/3 8:00", "H29"),
            _dossier("e", "25/3 8:00", None, "1/4 8:00"),
        ]
    )


def test_figures_of_two_months(two_months):
    found = period_changes(two_months, as_of=at("31/3 17:00"))
    assert (found.before.start, found.after.end) == (date(2024, 2, 1), date(2024, 3, 31))
    rows = found.table.set_index("measure")
    assert rows.loc["received", ["before", "after", "difference"]].tolist() == [2, 3, 1]
    assert rows.loc["finished", ["before", "after"]].tolist() == [2, 2]
    assert rows.loc["on_time", ["before", "after", "difference"]].tolist() == [0.5, 1.0, 0.5]
    assert rows.loc["online", "after"] == 1.0
    assert rows["too_few"].all()
    for name in ("received", "on_time"):
        assert rows.loc[name, "low"] < rows.loc[name, "difference"] < rows.loc[name, "high"]
        assert 0 < rows.loc[name, "p_value"] <= 1
    assert found.movers.empty
    assert found.tests == 0


def test_a_chosen_period_is_held_against_the_days_before_it(two_months):
    chosen = Selection(start=date(2024, 3, 1), end=date(2024, 3, 15))
    found = period_changes(two_months, chosen, as_of=at("31/3 17:00"))
    assert (found.before.start, found.before.end) == (date(2024, 2, 15), date(2024, 2, 29))
    assert found.table.set_index("measure").loc["received", ["before", "after"]].tolist() == [1, 2]


def test_movers_are_tested_together(two_months):
    found = period_changes(two_months, as_of=at("31/3 17:00"), too_few=1, by="province_code")
    assert found.tests == len(found.movers) > 0
    assert (found.movers["q_value"] >= found.movers["p_value"]).all()
    assert set(found.movers["code"]) <= {"H26", "p1"}


def test_a_large_change_is_found_and_none_is_not(build_store):
    early = [_dossier(f"f{n}", "1/2 8:00", "2/2 8:00" if n % 2 else "7/2 8:00", "5/2 8:00") for n in range(80)]
    same = [_dossier(f"m{n}", "4/3 8:00", "5/3 8:00" if n % 2 else "12/3 8:00", "8/3 8:00") for n in range(80)]
    better = [_dossier(f"m{n}", "4/3 8:00", "5/3 8:00", "8/3 8:00") for n in range(80)]
    for later, changed in ((same, False), (better, True)):
        rows = period_changes(build_store(early + later), as_of=at("31/3 17:00")).table.set_index("measure")
        assert (rows.loc["on_time", "p_value"] < 0.001) == changed
        assert (rows.loc["on_time", "low"] > 0) == changed
        assert (rows.loc["median", "p_value"] < 0.001) == changed


def test_wrong_questions_are_said(two_months, build_store):
    with pytest.raises(SelectionError):
        period_changes(two_months, clock="moon")
    with pytest.raises(TooFewCases):
        period_changes(two_months, as_of=at("31/3 17:00").replace(year=2030))
