"""Which column of a raw table is which canonical one: proposed with a reason, editable, saved as a profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from workbench.columns import DOSSIER, EVENT, PAUSE
from workbench.errors import MappingError
from workbench.results import Result
from workbench.sources import headings, sniff

MIN_CONFIDENCE = 0.5
"""A proposal below this is shown but not used."""

PERSONAL_TARGETS = ("officer", "applicant", "applicant_id", "applicant_phone", "applicant_email")
_GIVEN_DOSSIER = tuple(name for name, spec in DOSSIER.items() if spec.given and name not in ("status", "extra"))
_GIVEN_EVENT = tuple(name for name, spec in EVENT.items() if spec.given)
TARGETS: dict[str, tuple[str, ...]] = {
    "event": (
        "dossier_code", "label", *_GIVEN_EVENT, "officer", "transition", "occurrence", "dossier_status",
        *(name for name in _GIVEN_DOSSIER if name != "dossier_code"), *PERSONAL_TARGETS[1:], "summary",
    ),
    "dossier": ("status", *_GIVEN_DOSSIER, *PERSONAL_TARGETS[1:], "summary", "dossier_status", "extra",
                "paused_from", "paused_to"),
    "pause": ("dossier_code", "province_code", *(name for name, spec in PAUSE.items() if spec.given)),
}  # fmt: skip
"""Role of a table to the canonical columns it may carry."""
TIMES = frozenset(name for table in (DOSSIER, EVENT, PAUSE) for name, spec in table.items() if spec.type == "TIMESTAMP")
_LEVEL = {"canonical": 1.0, "heading": 0.9, "scoped": 0.8, "similar": 0.65, "values": 0.55}
_DOUBTFUL = 0.8
_DOSSIER_TIMES = ("submitted_at", "accepted_at", "due_at", "closed_at", "returned_at")


@dataclass(frozen=True, slots=True)
class Choice:
    """One canonical column and the source's column for it."""

    target: str
    column: str
    confidence: float
    """0 to 1; 1 for canonical names and for what a person chose."""
    reason: str
    """Key under `sources.reason.`."""
    alternatives: tuple[str, ...] = ()
    """Other columns that would fit."""


@dataclass(frozen=True, slots=True)
class Mapping(Result):
    """The choices for one table."""

    role: str
    choices: tuple[Choice, ...]
    extra: tuple[str, ...] = ()
    """Columns kept as further attributes of the dossier."""
    unused: tuple[tuple[str, str], ...] = ()
    """Columns left out, each with a key under `sources.unused.`."""

    def column(self, target: str) -> str | None:
        """The source's column for a canonical one."""
        return next((choice.column for choice in self.choices if choice.target == target), None)

    def columns(self) -> dict[str, str]:
        """Canonical to source column, as a profile keeps it."""
        return {choice.target: choice.column for choice in self.choices}

    def with_column(self, target: str, column: str | None) -> Self:
        """This mapping with one choice of a person; None takes the choice away."""
        if target not in TARGETS[self.role]:
            raise MappingError(
                f"A {self.role} table has no column {target!r}.",
                fix=f"Choose one of: {', '.join(TARGETS[self.role])}.",
                target=target,
            )
        kept = [choice for choice in self.choices if choice.target != target and choice.column != column]
        if column is not None:
            kept.append(Choice(target, column, 1.0, "person"))
        return replace(self, choices=tuple(kept), extra=tuple(name for name in self.extra if name != column))

    def missing(self) -> tuple[str, ...]:
        """Mandatory canonical columns without a column."""
        have = set(self.columns())
        needed = {"event": ["dossier_code", "label", "completed_at"], "dossier": ["dossier_code"],
                  "pause": ["dossier_code", "paused_from"]}[self.role]  # fmt: skip
        if "status" in have:  # the status says what happened when nothing else does
            needed = [name for name in needed if name != "label"]
        return tuple(name for name in needed if name not in have)


def propose(columns: Iterable[str], sample: pd.DataFrame, *, role: str | None = None) -> Mapping:
    """The best mapping of a table's columns, by their headings first and their values second.

    `sample` holds some of its rows, as text or native. `role` (event, dossier, pause) is found when not given.
    Nothing is guessed below a confidence of MIN_CONFIDENCE; `Mapping.missing` names what was not found.
    """
    names = list(columns)
    facts = {name: sniff.describe(sample[name]) for name in names}
    chosen = role or _role(_assign(names, facts, None), facts)
    choices = _assign(names, facts, chosen)
    if chosen == "event":
        choices = _times_by_value(names, facts, choices)
    choices = _codes_by_value(names, facts, choices)
    choices = _settled(chosen, choices)
    taken = {choice.column for choice in choices}
    rest = [name for name in names if name not in taken]
    apart = role == "event"  # the reader gave the case's attributes a table of their own
    extra, unused = _rest(
        rest, facts, chosen, [name for name in rest if _of_the_case(name, choices, sample, apart=apart)]
    )
    return Mapping(chosen, tuple(choices), extra, unused)


def require(mapping: Mapping, source: str, columns: Sequence[str]) -> None:
    """Raise MappingError when a mandatory column is missing, naming the nearest columns."""
    missing = mapping.missing()
    if not missing:
        return
    near = headings.nearest(missing[0], columns)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    shown = ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
    raise MappingError(
        f"{source}: no column is known to be {missing[0]} ({_MEANING[missing[0]]}); the columns are: {shown}.{hint}",
        fix=f"Say which one it is, e.g. --set {missing[0]}=@column:{(near or columns)[0]!s}, or give a profile.",
        source=source,
        missing=list(missing),
        columns=list(columns),
        nearest=near,
    )


_SHOWN = 40
_MEANING = {
    "dossier_code": "code of the dossier, mã hồ sơ",
    "label": "what was done, nội dung xử lý",
    "completed_at": "when it was done, thời điểm xử lý",
    "paused_from": "when the clock stopped, ngày bổ sung",
}


# proposing ------------------------------------------------------------------------------------------------
def _assign(names: Sequence[str], facts: dict[str, sniff.Facts], role: str | None) -> list[Choice]:
    """Columns to canonical ones, surest first, each used once."""
    found: list[tuple[float, int, int, str, str, str]] = []
    for name in names:
        for place, (target, how, rank) in enumerate(headings.candidates(name, role)):
            fit = _fit(target, facts[name])
            if fit and (role is None or target in TARGETS[role]):
                found.append((-round(_LEVEL[how] - (1 - fit), 2), rank, place, target, name, how))
    found.sort()
    choices: dict[str, Choice] = {}
    used: set[str] = set()
    for level, _, _, target, name, how in found:
        if target in choices:
            if name not in used and name not in choices[target].alternatives and level <= -_LEVEL["scoped"]:
                had = choices[target]
                choices[target] = replace(had, alternatives=(*had.alternatives, name))
        elif name not in used:
            choices[target] = Choice(target, name, -level, how)
            used.add(name)
    return list(choices.values())


def _fit(target: str, facts: sniff.Facts) -> float:
    """How well the values suit: 1 well, 0 not at all; times of which many cannot be read a little less than well."""
    if facts.empty:
        return 0
    if target in TIMES:
        return 1 if facts.time_share >= 0.8 else _DOUBTFUL if facts.time_share >= 0.2 else 0
    if target in ("label", "dossier_code", "unit", "role", "officer", "procedure_code", "province_code"):
        return 1 if facts.time_share < 0.8 or facts.numeric else 0
    return 1


def _role(choices: Sequence[Choice], facts: dict[str, sniff.Facts]) -> str:
    have = {choice.target for choice in choices}
    if "paused_from" in have and not have & {"label", "completed_at"}:
        listed = have & {"accepted_at", "submitted_at", "procedure_code"}
        return "dossier" if listed else "pause"
    if "completed_at" in have and have & {"label", "status"}:
        return "event"
    if have & set(_DOSSIER_TIMES) or ("procedure_code" in have and "label" not in have):
        return "dossier"
    times = [name for name, fact in facts.items() if fact.time_share >= 0.8 and not fact.numeric]
    return "event" if have & {"label", "completed_at", "started_at"} or times else "dossier"


def _times_by_value(names: Sequence[str], facts: dict[str, sniff.Facts], choices: list[Choice]) -> list[Choice]:
    have = {choice.target: choice for choice in choices}
    if "completed_at" in have:
        return choices
    taken = {choice.column for choice in choices}
    free = [name for name in names if name not in taken and facts[name].time_share >= 0.9 and not facts[name].numeric]
    if len(free) == 1:
        return [*choices, Choice("completed_at", free[0], _LEVEL["values"], "values")]
    if "started_at" in have and not free:  # a log with one time names it as it likes
        started = have["started_at"]
        rest = [choice for choice in choices if choice is not started]
        return [*rest, Choice("completed_at", started.column, started.confidence, "only_time")]
    return choices


def _codes_by_value(names: Sequence[str], facts: dict[str, sniff.Facts], choices: list[Choice]) -> list[Choice]:
    if any(choice.target == "dossier_code" for choice in choices):
        return choices
    taken = {choice.column for choice in choices}
    free = [name for name in names if name not in taken and facts[name].code_share >= 0.6]
    return [*choices, Choice("dossier_code", free[0], _LEVEL["values"], "values")] if free else choices


def _settled(role: str, choices: list[Choice]) -> list[Choice]:
    """In a table of dossiers the dossier's status is its status."""
    have = {choice.target for choice in choices}
    if role != "dossier":
        return choices
    kept = []
    for choice in choices:
        if choice.target != "dossier_status":
            kept.append(choice)
        elif "status" not in have:
            kept.append(replace(choice, target="status"))
    return kept


OBJECTS = ("case:links", "case:event_objects")
"""Attributes an object-centric log's reader makes."""


def _rest(
    names: Sequence[str], facts: dict[str, sniff.Facts], role: str, of_the_case: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Columns without a place: those kept as attributes of the dossier, and those left out with the reason."""
    extra, unused = [], []
    for name in names:
        if facts[name].empty:
            unused.append((name, "empty"))
        elif name in OBJECTS:  # long, yet no free text: the names of other objects
            extra.append(name)
        elif headings.is_personal(name) or facts[name].personal:
            unused.append((name, "personal"))
        elif facts[name].free_text:
            unused.append((name, "free_text"))
        elif role == "dossier" or (role == "event" and name in of_the_case):
            extra.append(name)
        else:
            unused.append((name, "no_place"))
    return tuple(extra), tuple(unused)


def _of_the_case(name: str, choices: Sequence[Choice], sample: pd.DataFrame, *, apart: bool) -> bool:
    """Whether a column of events says something of the dossier: it is marked so, or never changes within one."""
    if apart or headings.is_case(name):
        return headings.is_case(name)
    code = next((choice.column for choice in choices if choice.target == "dossier_code"), None)
    if code is None:
        return False
    values = sample[[code, name]].dropna().groupby(code)[name]
    return bool((values.size() > 1).any()) and bool((values.nunique() <= 1).all())
