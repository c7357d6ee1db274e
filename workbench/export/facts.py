"""What is known of a procedure and its steps beside their order; an empty field is a gap, never a guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

HOURS_A_DAY = 8
"""Working hours of one working day."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with its source. `verified` False marks general knowledge that must be checked before use."""

    text: str
    source: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One way organisations do a step; `reason` is legal, local or accidental."""

    text: str
    organisations: tuple[str, ...] = ()
    reason: Literal["legal", "local", "accidental", ""] = ""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What is known of one step."""

    description: str = ""
    limit_hours: float | None = None
    """Deadline of the step in working hours."""
    form: str = ""
    """Form used or result produced (biểu mẫu, kết quả)."""
    legal_basis: tuple[Statement, ...] = ()
    statistics: Mapping[str, float | int | str | None] = field(default_factory=dict)
    """Observed figures by name, e.g. dossiers, median_working_seconds."""
    options: tuple[Option, ...] = ()
    """A variation point: what organisations do instead."""
    message: Literal["send", "receive", ""] = ""
    """The step sends a message to the applicant, or waits for one."""


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """What is known of the whole procedure."""

    code: str = ""
    description: str = ""
    limit_hours: float | None = None
    """Declared limit of the whole procedure in working hours."""
    legal_basis: tuple[Statement, ...] = ()
    statistics: Mapping[str, float | int | str | None] = field(default_factory=dict)
    steps: Mapping[str, StepFacts] = field(default_factory=dict)

    def of(self, step: str) -> StepFacts:
        """The facts of one step; empty facts when nothing is known."""
        return self.steps.get(step, StepFacts())


_SENDS = (
    "yeu cau bo sung",
    "thong bao bo sung",
    "phieu bo sung",
    "yc bo sung",
    "request supplement",
    "ask for supplement",
)
_RECEIVES = ("tiep nhan bo sung", "nhan ho so bo sung", "nop bo sung", "bo sung ho so", "giay to bo sung",
             "giay to bs", "bo sung giay to", "receive supplement")  # fmt: skip


def messages_by_label(steps: Iterable[str]) -> dict[str, Literal["send", "receive", ""]]:
    """Which steps speak with the applicant about a supplement, judged by their names alone.

    Steps that are not recognised are left out; a caller that knows better sets `StepFacts.message`.
    """
    out: dict[str, Literal["send", "receive", ""]] = {}
    for step in steps:
        plain = unicodedata.normalize("NFD", step.casefold().replace("đ", "d"))
        text = "".join(char for char in plain if not unicodedata.combining(char))
        if any(words in text for words in _SENDS):
            out[step] = "send"
        elif any(words in text for words in _RECEIVES):
            out[step] = "receive"
    return out
