"""Codes printed on receipts and in catalogues: reading them, and the key that joins provinces.

The patterns use no look-around, so DuckDB and Spark read them too.
Sources: Điều 19 TT 01/2018/TT-VPCP for the dossier code, real codes for the rest (README.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from workbench.reference.files import read_csv
from workbench.reference.provinces import is_province

DOSSIER_CODE_PATTERN = (
    r"^(?P<agency>\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{1,4}){0,3})-(?P<day>\d{6})-(?P<sequence>\d{4,})$"
)
"""Agency, receipt day as yymmdd, daily number: 000.17.22.H56-210531-0001 or H55.242-250801-0007."""

PROCEDURE_CODE_PATTERN = (
    r"^(?P<national>\d\.\d{6})(?:\.(?P<agency>(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}))?(?:\.(?P<case>\d{1,3}))?$"
)
"""National part, agency of a provincial variant, number of the case: 1.012783.H61, 2.000815.01."""

_DOSSIER = re.compile(DOSSIER_CODE_PATTERN)
_PROCEDURE = re.compile(PROCEDURE_CODE_PATTERN)
_HEAD = re.compile(r"[A-Z]\d{2}")


@dataclass(frozen=True, slots=True)
class DossierCode:
    """A dossier code taken apart."""

    agency: str
    head: str
    """Province or ministry: H56, G01, K54."""
    day: date | None
    """Receipt day in the code; None when its six digits are no day."""
    sequence: int
    depth: int
    """Level of the agency: 1 province or ministry, 2, 3 or 4."""

    @property
    def province_code(self) -> str | None:
        """The H-code when the head is a province."""
        return self.head if is_province(self.head) else None


@dataclass(frozen=True, slots=True)
class ProcedureCode:
    """A procedure code taken apart; `national` joins the same procedure across provinces."""

    national: str
    agency: str | None
    case: str | None
    """Number of the procedure's case (trường hợp)."""


def parse_dossier_code(text: str) -> DossierCode | None:
    """The parts of a dossier code, or None when it has not the prescribed form."""
    found = _DOSSIER.match(text.strip())
    if found is None:
        return None
    agency = found["agency"]
    head = _HEAD.findall(agency)[0]
    return DossierCode(agency, head, _day(found["day"]), int(found["sequence"]), _depth(agency, head))


def parse_procedure_code(text: str) -> ProcedureCode | None:
    """The parts of a procedure code, or None when it has not the known form."""
    found = _PROCEDURE.match(text.strip())
    return ProcedureCode(found["national"], found["agency"], found["case"]) if found else None


def normalise_procedure_code(text: str) -> str:
    """The national part of a procedure code; a text of another form stays as it is, trimmed.

    `1.012783.H61`, `1.012783.000.00.00.H61` and `1.012783.01` all become `1.012783`.
    """
    parsed = parse_procedure_code(text)
    return parsed.national if parsed else text.strip()


def procedure_name(code: str) -> str | None:
    """The Vietnamese name of a procedure, where this folder knows it."""
    return _names().get(normalise_procedure_code(code))


@cache
def _names() -> dict[str, str]:
    return {row["code"]: row["name_vi"] for row in read_csv("procedures.csv") if row["code"]}


def _day(digits: str) -> date | None:
    try:
        return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None


def _depth(agency: str, head: str) -> int:
    if agency.startswith(head):
        return 1 + agency.count(".")
    fourth, third, second = agency.split(".")[:3]
    return 4 if int(fourth) else 3 if int(third) else 2 if int(second) else 1
