"""Every text the app and the charts ask for exists in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import workbench
from workbench.columns import CLOCKS
from workbench.errors import WorkbenchError
from workbench.i18n import LANGUAGES, catalogue
from workbench.sources.mapping import TARGETS

ROOT = Path(workbench.__file__).parent
KEY = re.compile(
    r"""(?<![A-Za-z_])f?"((?:app[a-z_]*|charts|mining|sources|indicators)\.[a-z0-9_.{}\[\]'"()* ]+?)"[,)\] ]"""
)
OPTIONAL = ("app.value.", "app.error.", "app.stage.", "app_data.column.", "app_data.quality.head.",
            "app_recommendations.note.", "app_settings.choice.", "indicators.name.", "indicators.note.",
            "sources.reason.", "sources.unused.")  # fmt: skip
"""Looked up with a fallback, or by a code of the data."""


def used() -> set[str]:
    found = set()
    for room in ("app", "charts"):
        for path in (ROOT / room).rglob("*.py"):
            found |= set(KEY.findall(path.read_text("utf-8")))
    return {key for key in found if not key.startswith(OPTIONAL)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_used_exists(language):
    keys = catalogue(language)
    assert len(used()) > 150
    plain = {key for key in used() if "{" not in key}
    assert sorted(key for key in plain if key not in keys) == []
    for key in used() - plain:
        pattern = re.compile(re.sub(r"\\\{.*?\\\}", "[A-Za-z0-9_.]+", re.escape(key)) + "$")
        assert any(pattern.match(known) for known in keys), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_lists_have_words(language):
    keys = catalogue(language)
    for clock in CLOCKS:
        assert f"app.clock.{clock}" in keys
        assert f"app.clock_text.{clock}" in keys
    for target in set().union(*TARGETS.values()) - {"extra"}:
        assert f"app_data.column.{target}" in keys, target
    for kind in (k for k in WorkbenchError.__subclasses__() if k.__module__ == "workbench.errors"):
        assert f"app.error.{kind.code}" in keys, kind.code


def test_no_text_of_the_app_is_unused():
    code = "\n".join(path.read_text("utf-8") for room in ("app", "charts") for path in (ROOT / room).rglob("*.py"))
    patterns = [re.compile(re.sub(r"\\\{.*?\\\}", "[A-Za-z0-9_.]+", re.escape(key)) + "$") for key in used()]
    of_pages = (".nav", ".title", ".caption", ".choose_text", ".hover_model", ".hover_distance")
    ours = [
        key
        for key in catalogue("vi")
        if key.startswith(("app", "charts.")) and not key.startswith(OPTIONAL) and not key.endswith(of_pages)
    ]
    unused = [key for key in ours if not any(p.match(key) for p in patterns) and key not in code]
    assert unused == []
