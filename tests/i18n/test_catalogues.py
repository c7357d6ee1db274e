"""The catalogues agree, and every key the code uses exists."""

from __future__ import annotations

import re
import string
import unicodedata
from pathlib import Path

import pytest

from workbench.i18n import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[2] / "workbench"
TOP = {key.split(".")[0] for key in catalogue("vi")}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages_have_the_same_keys():
    vi, en = catalogue("vi"), catalogue("en")
    assert sorted(vi.keys() - en.keys()) == []
    assert sorted(en.keys() - vi.keys()) == []


def test_languages_have_the_same_placeholders():
    vi, en = catalogue("vi"), catalogue("en")
    assert [key for key in vi if fields(vi[key]) != fields(en[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_nfc_and_not_empty(language):
    texts = catalogue(language)
    assert [key for key, text in texts.items() if not text.strip()] == []
    assert [key for key, text in texts.items() if unicodedata.normalize("NFC", text) != text] == []


def test_every_literal_key_in_the_code_exists():
    known = catalogue("vi")
    missing = []
    for path in ROOT.rglob("*.py"):
        for key in re.findall(r"""\bt\([^"'()]+,\s*["']([a-z0-9_.]+)["']""", path.read_text("utf-8")):
            if key.split(".")[0] in TOP and key not in known:
                missing.append(f"{path.name}: {key}")
    assert missing == []
