"""Progress bars on stderr: one a stage, finished when the work is, as they were when it failed."""

from __future__ import annotations

import pytest

from workbench.cli import bars as module
from workbench.cli.bars import bars


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", -1.0)


def test_every_stage_is_finished_when_the_work_is(capsys):
    with bars("vi") as progress:
        progress("read", 3, 4)
        progress("events", 1_500, 2_000)
    drawn = capsys.readouterr().err
    assert "4/4" in drawn
    assert "2.000/2.000" in drawn


def test_what_failed_stays_where_it_was(capsys):
    with pytest.raises(ValueError, match="broken"), bars("en") as progress:
        progress("read", 3, 4)
        raise ValueError("broken")
    drawn = capsys.readouterr().err
    assert "3/4" in drawn
    assert "4/4" not in drawn


def test_quiet_draws_nothing(capsys):
    with bars("en", quiet=True) as progress:
        progress("read", 3, 4)
    assert capsys.readouterr().err == ""
