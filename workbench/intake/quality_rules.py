"""The rules of the quality report: what each looks for, and how sure its finding is.

A rule is a condition over `d` (a dossier), `f` (what its events say, see `EVENT_FACTS`) and `$` parameters. The
thirteen habits of synchronisation come from the sender code of two live systems (domain facts 1.4). Those that only
clear values show were marked while the source was read (event.artefact, and `artefact` in dossier.extra); the others
are seen here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.reference import DOSSIER_CODE_PATTERN

Evidence = Literal["sure", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for; texts are under `quality.artefact.` or `quality.check.` in the catalogues."""

    code: str
    where: str
    """True for a dossier that shows it."""
    of: str = "true"
    """Dossiers on which it can be seen at all: the denominator."""
    evidence: Evidence = "sure"


_CODES = "(',' || artefact || ',')"
EVENT_FACTS = (
    "select dossier_key, "
    + ", ".join(
        f"bool_or(contains({_CODES}, ',{code},')) as {code}"
        for code in (
            "synthetic_first",
            "synthetic_last",
            "default_officer",
            "cut_officer",
            "default_status",
        )
    )
    # An invented event is always empty: only the others tell about the dossier.
    + f", bool_or(contains({_CODES}, ',empty_step_fields,') and position is not null) as empty_step_fields"
    + ", count(*) filter (where position is not null) as chained, "
    "count(*) filter (where status = 4 and position is not null) as in_progress, "
    "count(coalesce(unit, role)) + count(started_at) as step_fields, "
    "min(position) filter (where status in (9, 10)) as first_end, "
    "max(position) filter (where status between 1 and 8) as last_work, "
    "max(position) filter (where status = 2) as last_acceptance, "
    "max(completed_at) filter (where status = 9) as done_at, max(completed_at) filter (where status = 10) as handed_at, "
    "bool_or(started_at > completed_at) as started_late, bool_or(completed_at > l.loaded_at + interval 1 day) as ahead "
    "from event e join (select load_id, loaded_at from load) l using (load_id) {where} group by dossier_key"
)
"""Per dossier, what the rules need of its events."""

_MARKED = "(',' || coalesce(json_extract_string(d.extra, '$.artefact'), '') || ',' || coalesce(json_extract_string(d.extra, '$.artefacts'), '') || ',')"
_HEAD = f"regexp_extract(regexp_extract(d.dossier_code, '{DOSSIER_CODE_PATTERN}', 1), '[A-Z][0-9]{{2}}')"
_DAY = f"try_strptime(nullif(regexp_extract(d.dossier_code, '{DOSSIER_CODE_PATTERN}', 2), ''), '%y%m%d')::date"
_KNOWN = "list_contains($provinces, d.province_code)"
_ACCEPTED = "coalesce(d.accepted_at, d.submitted_at)"

ARTEFACTS: tuple[Rule, ...] = (
    # 1. Statuses 5, 6, 8 become 9 when sent: work goes on after an event that says the dossier is done.
    Rule("status_overwritten", "f.first_end < f.last_work", "f.first_end is not null", "likely"),
    # 2, 3. The invented first and last event: label, officer and time all match (marked while reading).
    Rule("synthetic_first", "f.synthetic_first", "f.chained is not null"),
    Rule("synthetic_last", "f.synthetic_last", "f.chained is not null"),
    # 4. "Chuyên viên" instead of a name; a name cut to 46 characters and "..." (marked while reading).
    Rule("default_officer", "f.default_officer", "f.chained > 0"),
    Rule("cut_officer", "f.cut_officer", "f.chained > 0"),
    # 5. Every event says 4 though the dossier is done, or an event says 4 and its label says otherwise.
    Rule(
        "default_status",
        "f.default_status or (f.in_progress = f.chained and f.chained > 1 and d.status in (9, 10))",
        "f.chained > 0",
        "likely",
    ),
    # 6. The submission copied from the acceptance, to the second; at the desk it may be true.
    Rule("submitted_is_accepted", "d.submitted_at = d.accepted_at", "d.accepted_at is not null", "possible"),
    # 7. No event has a start, a unit or a role, though the organisation records them elsewhere.
    Rule(
        "empty_step_fields",
        "f.empty_step_fields or (f.step_fields = 0 and list_contains($with_fields, d.province_code))",
        "f.chained > 0",
        "likely",
    ),
    # 8. Only the current action is sent: acceptance is followed at once by the end. Other losses leave no trace.
    Rule(
        "missing_events",
        "f.first_end = f.last_acceptance + 1",
        "f.first_end is not null and f.last_acceptance is not null",
        "possible",
    ),
    # 9. An identity number such as 000000001 (marked while reading).
    Rule("placeholder_identity", f"contains({_MARKED}, ',placeholder_identity,')", "d.applicant_key is not null"),
    # 10. A code of another form, or of another province: the local code was replaced.
    Rule(
        "foreign_code",
        f"{_HEAD} = '' or (list_contains($provinces, {_HEAD}) and {_HEAD} <> d.province_code "
        f"and coalesce($successors[list_position($provinces, {_HEAD})], '') <> d.province_2025)",
        _KNOWN,
        "likely",
    ),
    # 11. No due date, so the sender closed the dossier at receipt.
    Rule("no_due_closed_at_receipt", "d.due_at is null and d.closed_at = d.accepted_at", "d.closed_at is not null", "likely"),
    # 12. A summary without content (marked while reading).
    Rule("placeholder_summary", f"contains({_MARKED}, ',placeholder_summary,')"),
    # 13. Done and handed over both exist, and the later one was taken as the end; the portal takes 9.
    Rule(
        "end_9_and_10",
        "f.handed_at > f.done_at and d.closed_at >= f.handed_at",
        "f.handed_at is not null and f.done_at is not null",
    ),
)  # fmt: skip
"""The thirteen habits of synchronisation; the fourth has two forms."""

CHECKS: tuple[Rule, ...] = (
    Rule("no_due_date", "d.due_at is null"),
    Rule("code_date", f"{_DAY} <> d.accepted_at::date", f"{_DAY} is not null and d.accepted_at is not null"),
    Rule("closed_before_accepted", f"d.closed_at < {_ACCEPTED}", f"d.closed_at is not null and {_ACCEPTED} is not null"),
    Rule("accepted_before_submitted", "d.accepted_at < d.submitted_at", "d.accepted_at is not null and d.submitted_at is not null"),
    Rule("returned_before_closed", "d.returned_at < d.closed_at", "d.returned_at is not null and d.closed_at is not null"),
    Rule("due_before_accepted", f"d.due_at < {_ACCEPTED}", f"d.due_at is not null and {_ACCEPTED} is not null"),
    Rule(
        "event_before_submission",
        "d.first_at < least(d.submitted_at, d.accepted_at)",
        "d.first_at is not null and coalesce(d.submitted_at, d.accepted_at) is not null",
    ),
    Rule(
        "event_after_end",
        "d.last_at > greatest(d.closed_at, d.returned_at)",
        "d.last_at is not null and d.closed_at is not null",
        "likely",
    ),
    Rule("started_after_completed", "f.started_late", "f.chained > 0"),
    Rule("future_time", "f.ahead or greatest(d.submitted_at, d.accepted_at, d.closed_at, d.returned_at) > l.loaded_at + interval 1 day"),
    Rule("no_events", "d.event_count = 0"),
    Rule("done_without_end", "d.closed_at is null and d.outcome = 'done'", "d.outcome = 'done'"),
    Rule("unknown_organisation", f"not {_KNOWN}"),
)  # fmt: skip
"""Dates, codes and order. A time is in the future when it lies more than a day after the load it came with."""

RULES = {rule.code: rule for rule in (*ARTEFACTS, *CHECKS)}
