"""Durations per organisation."""

from __future__ import annotations

import pytest

from workbench.errors import SelectionError
from workbench.mining.durations import duration_by
from workbench.selection import Selection

TRACES = {("H01", str(i)): ["a"] * (i + 1) for i in range(1, 10)} | {("H02", "x"): "a b c d", ("H02", "y"): "a b"}


def test_figures_per_organisation(store_of):
    found = duration_by(store_of(TRACES), too_few_cases=5)
    rows = found.table.set_index("organisation")
    assert rows.loc["H01", "n"] == 9
    assert rows.loc["H01", "median_seconds"] == 5 * 3600
    # ranks 2 and 8 of nine values are the 95 % interval
    assert rows.loc["H01", ["median_low_seconds", "median_high_seconds"]].tolist() == [2 * 3600, 8 * 3600]
    assert rows.loc["H01", "mean_low_seconds"] < 5 * 3600 < rows.loc["H01", "mean_high_seconds"]
    assert rows["too_few"].to_dict() == {"H01": False, "H02": True}
    assert found.table["organisation"].tolist() == ["H01", "H02"]  # slowest first


def test_few_dossiers_have_no_interval(store_of):
    rows = duration_by(store_of(TRACES)).table.set_index("organisation")
    assert rows["too_few"].all()
    assert rows.loc["H02", "median_low_seconds"] != rows.loc["H02", "median_low_seconds"]


def test_an_unknown_column_is_refused(store_of):
    with pytest.raises(SelectionError, match="dossier_code"):
        duration_by(store_of(TRACES), by="dossier_code")


def test_an_empty_selection_has_no_row(store_of):
    assert duration_by(store_of(TRACES), Selection(channels=("post",))).table.empty
