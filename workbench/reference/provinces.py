"""The 63 provinces of 2018, their 34 successors of 1/7/2025, and which code means which of them when.

H-codes name the province in dossier codes and survive the merger; GSO codes are the statistics office's
two digits. Seven new GSO codes equal another province's old code (91 was Kiên Giang and is An Giang), so a
GSO code is only read together with a day.

Sources: Nghị quyết 202/2025/QH15 and the packages named in README.md. Thirteen H-codes are sourced; the
others are general knowledge (`h_code_verified` False).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from workbench.reference.files import read_csv

SWITCH_DAY = date(2025, 7, 1)
"""First day of the 34 provinces and of two levels of government instead of three."""

_SOURCED_H_CODES = frozenset(
    [
        "H10",
        "H15",
        "H19",
        "H20",
        "H22",
        "H27",
        "H29",
        "H42",
        "H49",
        "H54",
        "H55",
        "H56",
        "H61",
    ]  # domain facts, section 2
)


@dataclass(frozen=True, slots=True)
class Province:
    """One of the 63 provinces that existed until 30/6/2025."""

    h_code: str
    gso_code: str
    name: str
    successor: str
    """H-code of the province it belongs to since 1/7/2025; its own when it survived."""
    h_code_verified: bool


@dataclass(frozen=True, slots=True)
class Province2025:
    """One of the 34 provinces that exist since 1/7/2025; it keeps the H-code of the province that survived."""

    h_code: str
    gso_code: str
    name: str
    predecessors: tuple[str, ...]
    """H-codes of the provinces of 2018 that became it, its own among them."""


@cache
def provinces() -> tuple[Province, ...]:
    """The 63 provinces of 2018 in order of their H-codes."""
    rows = read_csv("provinces.csv")
    survivors = _survivors(rows)
    return tuple(
        Province(
            h_code=row["h_code"],
            gso_code=row["gso_code"],
            name=row["name_2018"],
            successor=survivors[row["name_2025"]],
            h_code_verified=row["h_code"] in _SOURCED_H_CODES,
        )
        for row in rows
    )


@cache
def all_2025() -> tuple[Province2025, ...]:
    """The 34 provinces of 1/7/2025 in order of their H-codes."""
    rows = read_csv("provinces.csv")
    out = []
    for name, h_code in _survivors(rows).items():
        members = [row for row in rows if row["name_2025"] == name]
        predecessors = tuple(sorted(row["h_code"] for row in members))
        out.append(Province2025(h_code, members[0]["gso_code_2025"], name, predecessors))
    return tuple(sorted(out, key=lambda province: province.h_code))


def is_province(code: str) -> bool:
    """Whether `code` is the H-code of a Vietnamese province, old or new."""
    return code in _by_h_code()


def province_name(code: str, day: date | None = None) -> str:
    """The name of the province with H-code `code`; any other organisation's code is its own name.

    Without a day it is the name the province had in 2018. From 1/7/2025 on it is the name of the successor:
    H02 is Bắc Giang in 2024 and Bắc Ninh in 2026.
    """
    province = _by_h_code().get(code)
    if province is None:
        return code
    if day is not None and day >= SWITCH_DAY:
        return next(new.name for new in all_2025() if new.h_code == province.successor)
    return province.name


def successor(code: str) -> str:
    """H-code since 1/7/2025 of the province with H-code `code`; any other organisation is its own successor."""
    province = _by_h_code().get(code)
    return code if province is None else province.successor


def province_of_gso(code: str | int, day: date) -> str | None:
    """H-code of the province that has the GSO code on `day`; None when no province has it on that day."""
    text = str(code).strip().zfill(2)
    if day < SWITCH_DAY:
        return next((old.h_code for old in provinces() if old.gso_code == text), None)
    return next((new.h_code for new in all_2025() if new.gso_code == text), None)


@cache
def _by_h_code() -> dict[str, Province]:
    return {province.h_code: province for province in provinces()}


def _survivors(rows: list[dict[str, str]]) -> dict[str, str]:
    """Name since 2025 to the H-code that goes on: of the province with the same name, else of the only member."""
    out: dict[str, str] = {}
    for row in rows:
        if row["name_2025"] not in out or row["name_2018"] == row["name_2025"]:
            out[row["name_2025"]] = row["h_code"]
    return out
