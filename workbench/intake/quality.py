"""What can be trusted in a store: counts of every load, traces of synchronisation, checks, gaps; and the dossiers
behind every count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import SelectionError
from workbench.intake.quality_rules import ARTEFACTS, CHECKS, EVENT_FACTS, RULES, Rule
from workbench.intake.sync_gaps import sync_gaps
from workbench.progress import Progress, silent
from workbench.reference import provinces
from workbench.results import Basis, Result
from workbench.store import LogStore

__all__ = ["QualityReport", "dossiers_behind", "quality"]

_LISTED = (
    "dossier_key", "dossier_code", "province_code", "procedure_code", "status", "outcome", "submitted_at", "accepted_at",
    "due_at", "closed_at", "returned_at", "first_at", "last_at", "event_count", "load_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QualityReport(Result):
    """The quality report of a store. Shares are of the dossiers (or events) on which the rule can be seen."""

    loads: pd.DataFrame
    """load_id, loaded_at, status, format, rows_in, rows_loaded, rows_quarantined, rows_duplicate, balanced (in = loaded
    + quarantined + duplicate), file_rows (rows read from its files)."""
    quarantine: pd.DataFrame
    """load_id, source, reason, column_name, rows."""
    artefacts: pd.DataFrame
    """province_code, artefact, dossiers, of, share, evidence (sure, likely, possible); only where there are any."""
    artefact_totals: pd.DataFrame
    """artefact, dossiers, of, share, evidence for the whole store, zeros too."""
    checks: pd.DataFrame
    """check, unit (dossiers or events), count, of, share, evidence."""
    sync_gaps: pd.DataFrame
    """province_code, first_day, last_day, working_days, usual_events (a working day), missing_events (expected)."""
    basis: Basis


def quality(store: LogStore, *, progress: Progress = silent) -> QualityReport:
    """The quality report of the whole store.

    The rules and what they rest on are in `quality_rules`; gaps in `sync_gaps`.
    """
    progress("quality", 0, 4)
    counted = _count_rules(store)
    progress("quality", 1, 4)
    totals = _totals(counted)
    checks = pd.concat([_checks(counted), _event_checks(store)], ignore_index=True)
    progress("quality", 2, 4)
    gaps = sync_gaps(store)
    progress("quality", 3, 4)
    report = QualityReport(
        loads=_loads(store),
        quarantine=_quarantine(store),
        artefacts=_artefacts(counted),
        artefact_totals=totals,
        checks=checks,
        sync_gaps=gaps,
        basis=store.basis(),
    )
    progress("quality", 4, 4)
    return report


def dossiers_behind(
    store: LogStore, code: str, *, province: str | None = None, limit: int = 100, offset: int = 0
) -> pd.DataFrame:
    """The dossiers behind a count of the report: artefact or check `code`, of one organisation when given.

    Ordered by organisation and code; `limit` rows from `offset`. Raises SelectionError for an unknown code.
    """
    rule = RULES.get(code)
    if rule is None:
        raise SelectionError(
            f"There is no quality rule {code!r}.",
            fix=f"Use one of: {', '.join(RULES)}.",
            code=code,
            choices=list(RULES),
        )
    columns = ", ".join(f"d.{name}" for name in _LISTED)
    wanted = "" if province is None else "and d.province_code = $province"
    inner = EVENT_FACTS.format(where="")
    values = _parameters(store, f"{rule.where} {rule.of}")
    if province is not None:
        values["province"] = province
        inner = EVENT_FACTS.format(where="where e.province_code = $province")
    return store.sql(
        f"select {columns} from {_FROM.format(facts=inner)} where ({rule.where}) and ({rule.of}) {wanted} "
        "order by d.province_code, d.dossier_code limit $limit offset $offset",
        {**values, "limit": limit, "offset": offset},
    )


_FROM = (
    "dossier d left join ({facts}) f using (dossier_key) left join (select load_id, loaded_at from load) l "
    "on l.load_id = d.load_id"
)


def _parameters(store: LogStore, text: str) -> dict[str, Any]:
    """Those parameters of the rules that `text` names."""
    known = provinces()
    values: dict[str, Any] = {}
    if "$provinces" in text:
        values["provinces"] = [item.h_code for item in known]
    if "$successors" in text:
        values["successors"] = [item.successor for item in known]
    if "$with_fields" in text:
        found = store.con.execute(
            "select distinct province_code from event where unit is not null or role is not null or started_at is not null"
        ).fetchall()
        values["with_fields"] = [row[0] for row in found]
    return values


def _count_rules(store: LogStore) -> pd.DataFrame:
    """province_code, dossiers, and per rule the columns n_<code> and of_<code>."""
    parts = []
    for rule in (*ARTEFACTS, *CHECKS):
        parts.append(f"count(*) filter (where ({rule.where}) and ({rule.of})) as n_{rule.code}")
        parts.append(f"count(*) filter (where {rule.of}) as of_{rule.code}")
    text = (
        f"select d.province_code, count(*) as dossiers, {', '.join(parts)} "
        f"from {_FROM.format(facts=EVENT_FACTS.format(where=''))} group by 1 order by 1"
    )
    return store.sql(text, _parameters(store, text))


def _share(frame: pd.DataFrame, count: str) -> pd.Series:
    return (frame[count] / frame["of"].where(frame["of"] > 0)).astype(float)


def _artefacts(counted: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "province_code": counted["province_code"],
                "artefact": rule.code,
                "dossiers": counted[f"n_{rule.code}"],
                "of": counted[f"of_{rule.code}"],
                "evidence": rule.evidence,
            }
        )
        for rule in ARTEFACTS
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame.insert(4, "share", _share(frame, "dossiers"))
    frame = frame[frame["dossiers"] > 0]
    return frame.sort_values(["province_code", "dossiers", "artefact"], ascending=[True, False, True]).reset_index(
        drop=True
    )


def _sum(counted: pd.DataFrame, rules: tuple[Rule, ...], name: str, count: str) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            name: [rule.code for rule in rules],
            count: [int(counted[f"n_{rule.code}"].sum()) for rule in rules],
            "of": [int(counted[f"of_{rule.code}"].sum()) for rule in rules],
        }
    )
    frame["share"] = _share(frame, count)
    frame["evidence"] = [rule.evidence for rule in rules]
    return frame


def _totals(counted: pd.DataFrame) -> pd.DataFrame:
    return _sum(counted, ARTEFACTS, "artefact", "dossiers")


def _checks(counted: pd.DataFrame) -> pd.DataFrame:
    frame = _sum(counted, CHECKS, "check", "count")
    frame.insert(1, "unit", "dossiers")
    return frame


def _event_checks(store: LogStore) -> pd.DataFrame:
    """Ties of time and midnights, which make order and durations weak."""
    row = store.sql(
        "select count(*) as n, count(*) filter (where gap_seconds = 0) as ties, "
        "count(*) filter (where completed_at = date_trunc('day', completed_at)) as midnight, "
        "count(next_activity_id) as pairs from event where position is not null"
    ).iloc[0]
    frame = pd.DataFrame(
        {
            "check": ["same_time_as_next", "midnight"],
            "unit": "events",
            "count": [int(row["ties"]), int(row["midnight"])],
            "of": [int(row["pairs"]), int(row["n"])],
        }
    )
    frame["share"] = _share(frame, "count")
    return frame.assign(evidence="sure")


def _loads(store: LogStore) -> pd.DataFrame:
    return store.sql(
        "select load_id, loaded_at, status, format, rows_in, rows_loaded, rows_quarantined, rows_duplicate, "
        "rows_in = rows_loaded + rows_quarantined + rows_duplicate as balanced, f.rows as file_rows from load "
        "left join (select load_id, sum(rows_in)::bigint as rows from load_file group by 1) f using (load_id) order by 1"
    )


def _quarantine(store: LogStore) -> pd.DataFrame:
    return store.sql(
        "select load_id, source, reason, column_name, count(*) as rows from quarantine group by all "
        "order by load_id, source nulls first, rows desc, reason, column_name"
    )
