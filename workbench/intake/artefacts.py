"""Traces of the synchronisation that only the clear values show, found before the names become hashes.

Sources of the thirteen habits: the sender code of two live systems (see the reference room's README).
"""

from __future__ import annotations

from workbench.intake import values
from workbench.intake.fields import Fields
from workbench.intake.personal import PLACEHOLDER_IDS
from workbench.store.schema import quote

DEFAULT_OFFICER = "chuyên viên"
DESK_OFFICER = "cán bộ một cửa"
FIRST_LABEL = "tiếp nhận hồ sơ"
LAST_LABEL = "kết thúc xử lý hồ sơ"
PAIR = "__pair"
_FOUND = ("officer_key", "is_default", "is_cut", "contradicts", "is_first", "is_last")
PLACEHOLDER_SUMMARIES = (
    "trích yếu",
    "trích yếu hồ sơ",
    "trich yeu",
    "trich yeu ho so",
    "không",
    "khong",
    ".",
    "...",
    "test",
)
CUT_LENGTH = 49
"""A name cut to 46 characters with three dots behind."""
_CONTRADICTS_IN_PROGRESS = "traketqua|ketthuc|yeucaubosung|tuchoi"


def dictionary(fields: Fields, table: str) -> str:
    """The join to `w`: what is found out once for every officer with every label, by the hash of the two.

    Such pairs are few against events, so hashing names and folding labels row by row would be waste.
    """
    if not fields.has("officer"):
        return ""
    cleaned = fields.cleaned()
    columns = ", ".join(f"{cleaned[f'c_{name}']} as c_{name}" for name in ("officer", "label") if fields.has(name))
    text = "lower(officer)"
    fields.place.con.execute(
        f"create or replace temp table {table} as select hash(officer, label) as h, "
        f"{fields.place.hasher.key('officer')} as officer_key, {text} = '{DEFAULT_OFFICER}' as is_default, "
        f"length(officer) = {CUT_LENGTH} and ends_with(officer, '...') as is_cut, "
        f"regexp_matches({values.folded('label')}, '{_CONTRADICTS_IN_PROGRESS}') as contradicts, "
        f"lower(label) = '{FIRST_LABEL}' and {text} = '{DESK_OFFICER}' as is_first, "
        f"lower(label) = '{LAST_LABEL}' and coalesce({text}, '{DESK_OFFICER}') in ('{DEFAULT_OFFICER}', '{DESK_OFFICER}') "
        f"as is_last from (select distinct {fields.text('officer')} as officer, {fields.text_or_null('label')} as label "
        f"from (select {columns} from {fields.raw}))"
    )
    return f" left join {unique(table, 'h', *_FOUND)} w on w.h = c.{PAIR}"


def pair_hash(fields: Fields) -> str:
    """The column the dictionary is joined by; a bare column, or DuckDB keeps the join where nobody needs it."""
    return f"hash({fields.text('officer')}, {fields.text_or_null('label')}) as {PAIR}"


def unique(table: str, key: str, *columns: str) -> str:
    """A table as one row a key: DuckDB then leaves the join out of every query that needs none of the columns."""
    return (
        f"(select {key}, {', '.join(f'any_value({name}) as {name}' for name in columns)} from {table} group by {key})"
    )


def _dictionary(fields: Fields, table: str, name: str, facts: str) -> None:
    if fields.has(name):
        cleaned = f"(select {fields.cleaned()[f'c_{name}']} as {quote(f'c_{name}')} from {fields.raw})"
        source = f"(select distinct {fields.text(name)} as x from {cleaned})"
    else:
        source = "(select null::varchar as x)"
    fields.place.con.execute(
        f"create or replace temp table {table} as select hash(x) as h, {facts} from {source} where x is not null"
    )


def event_flags(fields: Fields) -> dict[str, str]:
    """`__flags` (codes of one event), and `__first`, `__last`: it may be the invented first or last event.

    Whether such an event is invented depends on the dossier's dates too; a real acceptance by a named officer is
    never one.
    """
    if not fields.has("officer"):
        return {}
    flags = ["case when w.is_default then 'default_officer' end", "case when w.is_cut then 'cut_officer' end"]
    if fields.has("status"):
        flags.append(f"case when w.contradicts and {fields.status('status')} = 4 then 'default_status' end")
    step = [name for name in ("started_at", "unit", "role") if fields.has(name)]
    if len(step) == 3 or fields.table.format == "portal":
        nothing = " and ".join(f"{quote(f'c_{name}')} is null" for name in step) or "true"
        flags.append(f"case when {nothing} then 'empty_step_fields' end")
    codes = " || ".join(f"coalesce({flag[:-4]} || ',' end, '')" for flag in flags)
    return {
        "__flags": f"nullif(rtrim({codes}, ','), '')",
        "__first": "coalesce(w.is_first, false)",
        "__last": "coalesce(w.is_last, false)",
    }


def dossier_flags(fields: Fields) -> str | None:
    """SQL for the codes of what is invented about a dossier, or None when nothing could show it."""
    flags = []
    if fields.has("applicant_id"):
        digits = f"regexp_replace({fields.text('applicant_id')}, '[ .-]', '', 'g')"
        matches = f"regexp_matches({digits}, {values.literal(PLACEHOLDER_IDS)})"
        flags.append(f"case when {matches} then 'placeholder_identity' end")
    if fields.has("summary"):
        same = f" or c_summary = {fields.text('procedure_name')}" if fields.has("procedure_name") else ""
        empty = values.one_of(f"lower({fields.text('summary')})", PLACEHOLDER_SUMMARIES)
        flags.append(f"case when c_summary is not null and ({empty}{same}) then 'placeholder_summary' end")
    return f"nullif(concat_ws(',', {', '.join(flags)}), '')" if flags else None
