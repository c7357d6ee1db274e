"""Every code the room gives back has a text in both languages."""

from __future__ import annotations

import pytest

from workbench.clock import CAUSES as CLOCK_CAUSES
from workbench.clock import VERDICTS
from workbench.columns import CLOCKS
from workbench.i18n import catalogue
from workbench.indicators import ACTIONS
from workbench.indicators.reconcile import CAUSES
from workbench.indicators.report_table import COLUMNS, IDENTITIES
from workbench.reference import REPORT_GROUPS, indicators_766, statuses


@pytest.mark.parametrize("language", ["vi", "en"])
def test_texts(language):
    texts = catalogue(language)
    wanted = [f"indicators.action.{name}" for name in ACTIONS]
    wanted += [f"indicators.cause.{name}" for name in CAUSES]
    wanted += [f"indicators.report.{name}" for name in COLUMNS]
    wanted += [f"indicators.identity.{name}" for name, _, _ in IDENTITIES]
    wanted += [f"indicators.name.{i.id.replace('.', '_')}" for i in indicators_766() if i.computable]
    wanted += [f"indicators.group.{i.group}" for i in indicators_766()]
    wanted += [f"clock.cause.{name}" for name in CLOCK_CAUSES]
    wanted += [f"clock.verdict.{name}" for name in VERDICTS]
    wanted += [f"clock.name.{name}" for name in CLOCKS]
    wanted += [f"reference.status.{status.code}" for status in statuses()]
    wanted += [f"reference.status_group.{name}" for name in REPORT_GROUPS]
    assert [key for key in wanted if key not in texts] == []


def test_languages_agree():
    rooms = ("clock.", "reference.", "indicators.")
    vi, en = ({key for key in catalogue(lang) if key.startswith(rooms)} for lang in ("vi", "en"))
    assert vi == en
