"""Vietnam's days off, swapped days and make-up Saturdays, 2018-2027."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Literal, cast

from workbench.reference.files import read_csv

HolidayKind = Literal["holiday", "substitute", "swap_off", "makeup_work"]
_OTHER_DAY = re.compile(r"(\d{2}/\d{2}/\d{4})")


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day that is not what its weekday says.

    Kinds: a public holiday; the working day that replaces a holiday on a weekend; a working day swapped
    for a Saturday; that make-up Saturday itself (a working day).
    """

    day: date
    kind: HolidayKind
    name_vi: str
    swapped_with: date | None
    """The other day of a swap."""
    source: str
    verified: bool
    """False for a day that is general knowledge only."""

    @property
    def works(self) -> bool:
        """Whether offices work on it."""
        return self.kind == "makeup_work"


@cache
def holidays() -> tuple[Holiday, ...]:
    """All listed days in order, 1/1/2018 to 24/11/2027."""
    return tuple(
        Holiday(
            day=date.fromisoformat(row["date"]),
            kind=cast(HolidayKind, row["kind"]),
            name_vi=row["name_vi"],
            swapped_with=_other_day(row["kind"], row["name_vi"]),
            source=row["source"],
            verified="unverified" not in row["source"],
        )
        for row in read_csv("holidays_vn.csv")
    )


def covered_years() -> tuple[int, int]:
    """First and last year of the table; outside it only weekends are known to be off."""
    return holidays()[0].day.year, holidays()[-1].day.year


def _other_day(kind: str, name: str) -> date | None:
    found = _OTHER_DAY.search(name) if kind in ("swap_off", "makeup_work") else None
    return datetime.strptime(found[1], "%d/%m/%Y").date() if found else None
