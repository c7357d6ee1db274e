"""Statements that tell how far they are and are stopped by what they tell it to."""

from __future__ import annotations

import time

import duckdb
import pytest

from workbench.errors import Cancelled
from workbench.watching import watched

LONG = "select sum(a.range * b.range) from range(100000) a, range(1000000) b"


def test_a_statement_reports_and_is_stopped():
    told = []

    def progress(stage, done, total):
        told.append((stage, done, total))
        if len(told) == 3:
            raise Cancelled("Stopped.", fix="Nothing was changed.")

    con = duckdb.connect()
    with pytest.raises(Cancelled, match="Stopped"), watched(con, progress, "ask"):
        con.execute(LONG).fetchall()
    assert [stage for stage, _, _ in told] == ["ask"] * 3
    assert all(0 <= done <= total == 100 for _, done, total in told)
    assert con.execute("select 1").fetchall() == [(1,)]


class Told:
    """A connection that says one percentage after another."""

    def __init__(self, *shares):
        self.shares = list(shares)

    def execute(self, _):
        """Settings."""

    def query_progress(self):
        return self.shares.pop(0) if self.shares else -1.0


@pytest.mark.parametrize(("several", "told"), [(False, [0, 0, 40, 40, 90, 90]), (True, [0, 0, 40, 20, 90, 90])])
def test_a_share_never_goes_back_within_a_statement(monkeypatch, several, told):
    """DuckDB says a negative share before a statement has begun and after it has ended."""
    monkeypatch.setattr("workbench.watching._POLL_SECONDS", 0.001)
    con, seen = Told(-1.0, 0.0, 40.0, 20.0, 90.0), []
    with watched(con, lambda _, done, total: seen.append(done / total * 100), "ask", 50, several=several):
        while len(seen) < len(told):
            time.sleep(0.001)
    assert seen[: len(told)] == told


def test_a_quick_statement_passes():
    con = duckdb.connect()
    with watched(con, lambda *_: None, "ask"):
        assert con.execute("select 1").fetchall() == [(1,)]


def test_an_interrupt_from_elsewhere_is_said():
    con = duckdb.connect()
    with pytest.raises(Cancelled), watched(con, lambda *_: con.interrupt(), "ask"):
        con.execute(LONG).fetchall()
