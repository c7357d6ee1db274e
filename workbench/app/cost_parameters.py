"""A procedure's cost parameters as people entered them, kept in the store beside the data they price."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from workbench.errors import SettingError, StoreError
from workbench.harmonise.recommendation.cost import CostParameters
from workbench.harmonise.recommendation.recommend import Recommendations
from workbench.i18n import Language
from workbench.store import LogStore

_PREFIX = "cost:"
_FIX = "Give a known parameter of at least 0."
_ABOVE_ZERO = ("months", "days_a_month", "hours_a_day")
"""Parameters the income is divided by."""
_THOUSANDS = {"vi": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?"), "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")}
_PLAIN = re.compile(r"\d+([.,]\d+)?")
Given = Mapping[str, tuple[float, str]]
"""Value and ISO moment of each parameter a person entered."""


def read_given(store: LogStore, procedure: str | None) -> Given:
    """The parameters people entered for a procedure."""
    meta = store.table("meta")
    rows = store.fetch(meta.filter(meta.key == _PREFIX + (procedure or "")))
    kept = json.loads(str(rows["value"].iloc[0])) if len(rows) else {}
    return {name: (float(value), str(at)) for name, (value, at) in kept.items()}


def parameters_of(given: Given) -> CostParameters:
    """The defaults with what people entered, which counts as confirmed."""
    return CostParameters().confirmed(**{name: value for name, (value, _) in given.items()})


def priced(store: LogStore, procedure: str | None, found: Recommendations) -> Recommendations:
    """Recommendations with VND by the parameters in force."""
    given = read_given(store, procedure)
    return found.priced(parameters_of(given)) if given else found


def keep_given(store: LogStore, procedure: str | None, values: Mapping[str, float], *, now: datetime) -> Given:
    """Keep entered values, leaving those entered before; SettingError for one that is not allowed."""
    known = {one.name for one in fields(CostParameters)} - {"unverified"}
    for name, value in values.items():
        least = 0.0 if name not in _ABOVE_ZERO else 1e-9
        if name not in known or not least <= value < float("inf"):
            raise SettingError(f"{name} is {value!r}.", fix=_FIX, name=name)
    _writable(store)
    at = now.isoformat(timespec="minutes")
    kept = {**read_given(store, procedure), **{name: (float(value), at) for name, value in values.items()}}
    text = json.dumps(kept)
    store.con.execute(
        "insert or replace into meta values ($key, $value)", {"key": _PREFIX + (procedure or ""), "value": text}
    )
    return kept


def drop_given(store: LogStore, procedure: str | None) -> None:
    """Go back to the defaults."""
    _writable(store)
    store.con.execute("delete from meta where key = $key", {"key": _PREFIX + (procedure or "")})


def entered(text: str, language: Language) -> float | None:
    """A number as people write it in a language; None for what is no number of at least 0."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if _THOUSANDS[language].fullmatch(plain):
        plain = plain.replace("." if language == "vi" else ",", "")
    return float(plain.replace(",", ".")) if _PLAIN.fullmatch(plain) else None


def _writable(store: LogStore) -> None:
    if store.read_only:
        raise StoreError(f"{store.path} is open for reading only.", fix="Open it for writing to keep cost parameters.")
