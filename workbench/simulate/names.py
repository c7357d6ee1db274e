"""Step names as the provinces' systems write them: abbreviated, prefixed, without diacritics, mistyped.

`noise` scales every chance; at 0 every province writes the canonical name. Inside a province a name always
means one step, so the truth is a function from (province, name) to step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.simulate.scenario import Scenario, Step
from workbench.simulate.worktime import Ints

TRIES = 30
SYNTHETIC_FIRST = "Tiếp nhận hồ sơ"
SYNTHETIC_LAST = "Kết thúc xử lý hồ sơ"
"""Names that senders write into the events they invent (domain facts 1.4, artefacts 2 and 3)."""

_UNIT_SHORT = {
    "desk": "MC",
    "section": "CM",
    "leader": "LĐ",
    "clerk": "VT",
    "ward": "XÃ",
    "tax": "THUẾ",
    "registry": "ĐKĐĐ",
    "partner": "PH",
    "applicant": "CD",
}


@dataclass(frozen=True)
class StepNames:
    """All names in use: texts, and for each province and step the places of its first and second name."""

    texts: tuple[str, ...]
    first: Ints
    """[province, step]."""
    second: Ints
    """[province, step]; the first name where there is no second."""

    def meaning(self, steps: tuple[Step, ...], province: int) -> dict[int, str]:
        """Place of each name of a province and the canonical step it means."""
        out: dict[int, str] = {}
        for place, step in enumerate(steps):
            out[int(self.first[province, place])] = step.name
            out[int(self.second[province, place])] = step.name
        return out


def make_names(scenario: Scenario, noise: float, random: np.random.Generator) -> StepNames:
    """The names of every province and step, drawn once per log."""
    provinces, steps = len(scenario.areas), scenario.steps
    texts: dict[str, int] = {}
    first = np.zeros((provinces, len(steps)), dtype=np.int64)
    second = np.zeros_like(first)
    places = {step.key: place for place, step in enumerate(steps)}
    for province in range(provinces):
        writer = _Writer(scenario, scenario.vendors[int(random.integers(len(scenario.vendors)))], noise, random)
        for place, step in enumerate(steps):
            if step.again is not None:
                first[province, place] = first[province, places[step.again]]
                second[province, place] = second[province, places[step.again]]
                continue
            one = writer.name(step, place)
            two = writer.name(step, place) if random.random() < scenario.names["second_name"] * noise else one
            first[province, place] = texts.setdefault(one, len(texts))
            second[province, place] = texts.setdefault(two, len(texts))
    return StepNames(tuple(texts), first, second)


class _Writer:
    """One province's way of writing; remembers which name means which step."""

    def __init__(self, scenario: Scenario, vendor: Mapping[str, Any], noise: float, random: np.random.Generator):
        self._rules, self._vendor, self._noise, self._random = scenario.names, vendor, noise, random
        self._style = self._chance("style")
        self._prefix = bool(vendor["prefix"]) and self._chance("prefix", 2.5)
        steps = len(scenario.steps)
        self._numbers = np.cumsum(1 + (random.random(steps) < 0.4)) + int(random.integers(0, 4))
        self._taken = {step.name.casefold(): step.canonical for step in scenario.steps}

    def _chance(self, name: str, times: float = 1.0) -> bool:
        return bool(self._random.random() < self._rules[name] * times * self._noise)

    def name(self, step: Step, place: int) -> str:
        """A name for a step that no other step of the province has."""
        for _ in range(TRIES):
            text = self._once(step, place)
            if self._taken.setdefault(text.casefold(), step.canonical) == step.canonical:
                return text
        return step.name

    def _once(self, step: Step, place: int) -> str:
        text = step.name
        synonyms = self._rules["synonyms"].get(step.key, [])
        if synonyms and self._chance("synonym"):
            text = synonyms[int(self._random.integers(len(synonyms)))]
        if self._style:
            text = self._abbreviate(text)
        if self._vendor.get("capitals") and self._style:
            text = text.upper()
        elif self._chance("case"):
            text = text.lower()
        if self._chance("unaccented"):
            text = unaccented(text)
        if self._chance("typo"):
            text = self._typo(text)
        if self._prefix:
            order = int(self._numbers[place])
            code = f"{_UNIT_SHORT[step.unit]}{order:02d}"
            text = self._vendor["prefix"].format(order=order, unit=_UNIT_SHORT[step.unit], code=code) + text
        return unicodedata.normalize("NFC", " ".join(text.split()))

    def _abbreviate(self, text: str) -> str:
        for phrase, short in self._rules["abbreviations"].items():
            at = text.casefold().find(phrase)
            if at >= 0 and self._random.random() < self._vendor["abbreviate"] * min(1.0, self._noise):
                text = text[:at] + short + text[at + len(phrase) :]
        return text

    def _typo(self, text: str) -> str:
        """One letter left out, doubled, swapped with the next, or without its marks."""
        at = int(self._random.integers(1, max(2, len(text) - 1)))
        kind = int(self._random.integers(4))
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + text[at] + text[at:]
        if kind == 2:
            return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
        return text[:at] + unaccented(text[at]) + text[at + 1 :]


def unaccented(text: str) -> str:
    """Vietnamese text without diacritics."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
