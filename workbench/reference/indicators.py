"""The indicators of QĐ 766/QĐ-TTg with points, rules and thresholds as read from public code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from workbench.reference.files import read_csv

_COMPUTABLE = frozenset(("1.4", "2.1", "2.2", "3.3", "3.6", "4.1", "4.2", "4.3", "4.4", "4.5b", "5.4"))


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; the six groups together give 100 points."""

    id: str
    group: str
    """CKMB, TDGQ, CLGQ, TTTT, MDSH or MDHL."""
    portal_metric_code: str | None
    name_vi: str
    max_points: float | None
    """None where the split of the group's points is not published (3.1-3.3 share 12)."""
    ratio: str
    rule: str
    data: str
    threshold: float | None
    """Share from which the full points are given, 0 to 1; None where none is published."""

    @property
    def computable(self) -> bool:
        """Whether the dossier log alone gives it (1.4: the numerator; 5.4: the late part)."""
        return self.id in _COMPUTABLE


@cache
def indicators_766() -> tuple[Indicator, ...]:
    """All indicators in the order of the decision."""
    return tuple(
        Indicator(
            id=row["id"],
            group=row["group"],
            portal_metric_code=row["portal_metric_code"] or None,
            name_vi=row["name_vi"],
            max_points=_number(row["max_points"]),
            ratio=row["ratio"],
            rule=row["rule"],
            data=row["data"],
            threshold=None if (percent := _number(row["threshold_pct_full_points"])) is None else percent / 100,
        )
        for row in read_csv("metrics_766.csv")
    )


def _number(text: str) -> float | None:
    return float(text) if text else None
