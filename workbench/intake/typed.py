"""One raw table in canonical types: every row with its values, or with the reason why it is refused.

Text sources become a temporary table, because reading their times and codes is worth doing once. Sources that are
typed already (Parquet as the generator writes it) stay a view: nothing is copied.
"""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass

from workbench.columns import EVENT
from workbench.intake import places, values
from workbench.intake.artefacts import dictionary, dossier_flags, event_flags, pair_hash
from workbench.intake.fields import Fields
from workbench.intake.personal import applicant
from workbench.intake.times import FIRST, LAST, NONE_BEFORE
from workbench.intake.workplace import Workplace
from workbench.progress import Progress, silent
from workbench.sources.headings import case_part
from workbench.sources.mapping import Mapping
from workbench.sources.raw import RawTable
from workbench.store.schema import quote
from workbench.watching import watched

CASE_PREFIX = "d_"
"""Before a dossier's attribute that stands on the rows of its events."""
PAUSE_OF_DOSSIER = ("paused_from", "paused_to")
"""A supplement's dates that stand on the dossier's own row, as in a hand-over log."""
_DOSSIER_TIMES = ("submitted_at", "accepted_at", "due_at", "closed_at", "returned_at")
_CODED = ("level", "channel", "service_level", "applicant_type", "outcome")
_FLAGS = ("digitised", "result_electronic", "data_reused", "identity_verified")


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed table on the connection, with __source, __line, __order, __reason, __column beside its columns."""

    relation: str
    table: RawTable
    mapping: Mapping
    raw: str
    """The scan it was made from."""
    columns: tuple[str, ...]
    """Canonical columns it has, those of the dossier on event rows with CASE_PREFIX."""
    refused: int
    """Rows with a reason."""
    placed: bool
    """Every row names its organisation."""


def typed(
    place: Workplace,
    table: RawTable,
    mapping: Mapping,
    number: int,
    first_file: int,
    *,
    count: bool = True,
    progress: Progress = silent,
) -> Typed:
    """Type one raw table; `number` makes its name, `first_file` counts the files before it.

    Without `count` a table that stays a view is not read: `refused` is 0 then, and nothing is said of its values.
    """
    fields = Fields(place, table, mapping, first_file)
    out = {"event": _event, "dossier": _dossier, "pause": _pause}[mapping.role](fields)
    relation = f"typed_{number}"
    join = dictionary(fields, f"{relation}_pair") if mapping.role == "event" else ""
    kind = "view" if fields.lazy() else "table"
    text = f"create or replace temp {kind} {relation} as {_query(fields, out, join)}"
    with watched(place.con, progress, "type", table.rows):
        place.con.execute(text)
    progress("type", table.rows, table.rows)
    if kind == "view" and not count:
        return Typed(relation, table, mapping, fields.raw, tuple(out), 0, placed=True)
    fields.say_unknown_codes()
    odd = "".join(f", count(*) filter ({quote(f'__odd_{column}')})" for column in fields.optional_times)
    refused, unplaced, *impossible = place.con.execute(
        f"select count(*) filter (__reason is not null), count(*) filter (province_code is null){odd} from {relation}"
    ).fetchall()[0]
    fields.say_impossible_times(impossible)
    return Typed(relation, table, mapping, fields.raw, tuple(out), int(refused), not unplaced)


def _query(fields: Fields, out: AnyMapping[str, str], join: str) -> str:
    """Cleaned columns, then canonical ones, then the reasons that look at both."""
    cleaned = "".join(f"{sql} as {quote(name)}, " for name, sql in fields.cleaned().items())
    pair = f", {pair_hash(fields)}" if join else ""
    canonical = "".join(f", {sql} as {quote(name)}" for name, sql in out.items())
    names = ", ".join(_possible(name) if name in fields.optional_times else quote(name) for name in out)
    names += "".join(f", {_impossible(name)} as {quote(f'__odd_{name}')}" for name in fields.optional_times)
    reason = "".join(f" when {condition} then {values.literal(why)}" for condition, why, _ in fields.reasons)
    column = "".join(f" when {condition} then {values.literal(name)}" for condition, _, name in fields.reasons)
    return (
        f"select {names}, __source, __line, __order, case{reason} end as __reason, case{column} end as __column "
        f"from (select c.*{canonical} from (select *{pair} from (select {cleaned}__source, __line, __order "
        f"from {fields.raw})) c{join})"
    )


def _possible(name: str) -> str:
    return f"case when {quote(name)} >= {FIRST} and {quote(name)} < {LAST} then {quote(name)} end as {quote(name)}"


def _impossible(name: str) -> str:
    """Before 1901 senders write their first day for "none"."""
    return f"({quote(name)} >= {NONE_BEFORE} and {quote(name)} < {FIRST}) or {quote(name)} >= {LAST}"


def _event(fields: Fields) -> dict[str, str]:
    out = _identity(fields)
    label = fields.text_or_null("label")
    if fields.has("status"):
        out["status"] = fields.status("status")
        label = f"coalesce({label}, {values.status_name(fields.status('status'))}, {fields.text('status')})"
    out["label"] = label
    fields.need('"label" is null', "missing_label", "label")
    for name in ("started_at", "completed_at", "step_due_at"):
        if fields.has(name):
            out[name] = fields.time(name, name)
    fields.need("completed_at is null", "missing_time", "completed_at")
    if "started_at" in out:
        fields.need("started_at > completed_at", "negative_duration", "started_at")
    for name in ("unit", "role", "artefact", "transition"):
        if fields.has(name):
            out[name] = fields.text(name)
    out["source_order"] = f"try_cast({quote('c_source_order')} as bigint)" if fields.has("source_order") else "__order"
    if fields.has("occurrence"):
        out["occurrence"] = "try_cast(c_occurrence as integer)"
    if fields.has("officer"):
        out["officer_key"] = "w.officer_key"
    elif fields.has("officer_key"):
        out["officer_key"] = fields.text("officer_key")
    out.update(event_flags(fields))
    out.update({CASE_PREFIX + name: sql for name, sql in _attributes(fields, CASE_PREFIX).items()})
    return out


def _dossier(fields: Fields) -> dict[str, str]:
    out = {**_identity(fields), **_attributes(fields, "")}
    if fields.has("status"):
        out["status"] = fields.status("status")
    for name in PAUSE_OF_DOSSIER:
        if fields.has(name):
            out[name] = fields.time(name, name)
    return out


def _pause(fields: Fields) -> dict[str, str]:
    out = _identity(fields)
    for name in ("paused_from", "paused_to", "due_before", "due_after"):
        if fields.has(name):
            out[name] = fields.time(name, name)
    fields.need("paused_from is null", "missing_time", "paused_from")
    if "paused_to" in out:
        fields.need("paused_to < paused_from", "negative_duration", "paused_to")
    out["reason"] = f"coalesce({fields.code('reason')}, 'supplement')" if fields.has("reason") else "'supplement'"
    return out


def _identity(fields: Fields) -> dict[str, str]:
    """Code and organisation; the organisation is null where only the code or another table can tell it."""
    fields.need("dossier_code is null", "missing_dossier_code", "dossier_code")
    province = "null::varchar"
    if "province_code" in fields.constants:
        province = quote("c_province_code")
    elif fields.has("province_code"):
        day = next((name for name in ("completed_at", "accepted_at", "submitted_at") if fields.has(name)), None)
        province = places.province(
            fields.place, fields.raw, fields.chosen["province_code"], fields.text("province_code"),
            fields.moment(day) if day else None,
        )  # fmt: skip
    return {"dossier_code": fields.text("dossier_code"), "province_code": province}


def _attributes(fields: Fields, prefix: str) -> dict[str, str]:
    """The dossier's attributes the table carries, on its own rows or on those of events."""
    out: dict[str, str] = {}
    for name in _DOSSIER_TIMES:
        if fields.has(name):
            out[name] = fields.time(name, prefix + name)
    variant = fields.text_or_null("procedure_variant")
    if fields.has("procedure_code"):
        out["procedure_code"] = values.procedure_code(fields.text("procedure_code"))
        out["procedure_variant"] = f"coalesce({variant}, {values.procedure_case(fields.text('procedure_code'))})"
    elif fields.has("procedure_variant"):
        out["procedure_variant"] = variant
    out.update(
        {name: fields.text(name) for name in ("procedure_name", "agency_code", "applicant_key") if fields.has(name)}
    )
    out.update({name: fields.code(name) for name in _CODED if fields.has(name)})
    out.update({name: fields.flag(name) for name in _FLAGS if fields.has(name)})
    if fields.has("fee_paid_online"):
        out["fee_paid_online"] = f"try_cast({fields.text('fee_paid_online')} as integer)"
    if fields.has("fee_vnd"):
        out["fee_vnd"] = fields.amount("fee_vnd", prefix + "fee_vnd")
    if fields.role == "event" and fields.has("dossier_status"):
        out["status"] = fields.status("dossier_status")
    out.update(_applicant(fields))
    out.update(_extra(fields))
    return out


def _applicant(fields: Fields) -> dict[str, str]:
    names = ("applicant_id", "applicant_email", "applicant_phone", "applicant")
    texts = [fields.text(name) if fields.has(name) else None for name in names]
    return {"applicant_key": fields.place.hasher.key(applicant(*texts))} if any(texts) else {}


def _extra(fields: Fields) -> dict[str, str]:
    """Further attributes as a JSON object; `artefact` in it names what the sender invented about the dossier."""
    pairs = [
        f"{values.literal(case_part(column))}, {quote(f'c_extra_{index}')}" for index, column in enumerate(fields.extra)
    ]
    flags = dossier_flags(fields)
    if flags is not None:
        pairs.append(f"'artefact', {flags}")
    given = fields.text("extra") if fields.has("extra") else None
    if not pairs:
        return {"extra": given} if given else {}
    base = f"coalesce({given}, '{{}}')" if given else "'{}'"
    merged = f"nullif(json_merge_patch({base}::json, json_object({', '.join(pairs)}))::varchar, '{{}}')"
    if flags is not None and not fields.extra:
        merged = f"case when {flags} is null then {given or 'null'} else {merged} end"
    return {"extra": merged}


EVENT_COLUMNS = (*(name for name, spec in EVENT.items() if spec.given), "occurrence")
