"""The ten dossier statuses of the national portal and the groups reports put them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from workbench.reference.files import read_csv

REPORT_GROUPS: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "not_accepted": frozenset({1, 3}),
        "in_progress": frozenset({2, 4}),
        "supplement": frozenset({5}),
        "paused": frozenset({6, 8}),
        "returned": frozenset({7}),
        "done": frozenset({9, 10}),
    }
)
"""Groups of a live one-stop system's reports (source: TDVC, see README.md). Text under `reference.status_group.`."""


@dataclass(frozen=True, slots=True)
class Status:
    """One dossier status (TrangThaiHoSo)."""

    code: int
    name_vi: str
    meaning: str
    report_group: str
    """Key of REPORT_GROUPS."""
    counts_as_event: bool
    """False for "Mới đăng ký": the applicant sent it, no office has acted."""


@cache
def statuses() -> tuple[Status, ...]:
    """The ten statuses in order of their codes."""
    return tuple(
        Status(
            code=int(row["code"]),
            name_vi=row["name_vi"],
            meaning=row["meaning"],
            report_group=report_group(int(row["code"])),
            counts_as_event=row["counts_as_event"] == "1",
        )
        for row in read_csv("status_codes.csv")
    )


def report_group(code: int) -> str:
    """The report group of a status; a code outside 1-10 raises KeyError."""
    for group, codes in REPORT_GROUPS.items():
        if code in codes:
            return group
    raise KeyError(code)
