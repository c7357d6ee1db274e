"""Every code a mining step gives has a text in both languages."""

from __future__ import annotations

from string import Formatter
from typing import get_args

import pytest

from workbench.i18n.catalogue import LANGUAGES, catalogue
from workbench.mining.deviations import KINDS
from workbench.mining.discovery import ALGORITHMS
from workbench.mining.performance import MEASURES
from workbench.mining.states import Reason
from workbench.mining.waiting_causes import CAUSES

CODES = {
    "cause": CAUSES,
    "cause_help": CAUSES,
    "deviation": KINDS,
    "deviation_help": KINDS,
    "algorithm": ALGORITHMS,
    "algorithm_help": ALGORITHMS,
    "measure": MEASURES,
    "soundness": get_args(Reason),
    "starts": ("recorded", "estimated", "mixed"),
    "availability": ("calendar", "observed"),
    "rule": ("recorded", "published"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", CODES)
def test_every_code_has_a_text(language, group):
    for code in CODES[group]:
        assert catalogue(language)[f"mining.{group}.{code}"]


def test_the_languages_have_the_same_keys_and_facts():
    def facts(language):
        texts = {key: text for key, text in catalogue(language).items() if key.startswith("mining.")}
        return {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in texts.items()}

    assert facts("vi") == facts("en")
