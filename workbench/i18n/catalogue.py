"""The catalogues: `t("vi", "app.overview.title")` is the text of a key."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All texts of a language: dotted key to text. The file's name is the first part of its keys."""
    out: dict[str, str] = {}
    folder = resources.files("workbench.i18n") / language
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            _flatten(entry.name.removesuffix(".toml"), tomllib.loads(entry.read_text("utf-8")), out)
    return out


def t(language: Language, key: str, **facts: Any) -> str:
    """The text of `key` with its `{named}` facts filled in; an unknown key raises KeyError."""
    text = catalogue(language)[key]
    return text.format(**facts) if facts else text


def _flatten(prefix: str, node: dict[str, Any], out: dict[str, str]) -> None:
    for key, value in node.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict):
            _flatten(name, value, out)
        else:
            out[name] = str(value)
