"""Refused rows for the quarantine: where they stood, what was wrong, and the row with personal fields masked."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.intake.typed import Typed
from workbench.intake.values import literal
from workbench.intake.workplace import Workplace
from workbench.sources.mapping import PERSONAL_TARGETS
from workbench.sources.raw import RawTable
from workbench.store.schema import quote

MASK = "***"
_PRIVATE = r"^\s*(\S+@\S+\.\S+|(\+84|0)[\d .]{8,11}|\d{9}|\d{12})\s*$"
_NAME = r"^\s*\p{Lu}[\p{L}\p{M}]*(\s+\p{Lu}[\p{L}\p{M}]*){1,5}\s*$"
"""Two to six capitalised words: what stands in a shifted column is often a person's name."""
_WORDS = frozenset({"label", "unit", "role", "procedure_name", "procedure_code", "agency_code", "province_code",
                    "procedure_variant", "transition", "status", "dossier_status", "artefact"})  # fmt: skip
"""Columns whose capitalised words are no names of people."""


def quarantine(place: Workplace, tables: Sequence[Typed], raws: Sequence[RawTable], relation: str) -> None:
    """Make `relation` with the refused rows of the typed tables and the lines the readers refused."""
    place.con.execute(
        f"create or replace temp table {relation} (source varchar, line bigint, column_name varchar, value varchar, "
        'reason varchar, "row" varchar)'
    )
    for typed in tables:
        if typed.refused and not (typed.table.derived and typed.mapping.role == "dossier"):
            place.con.execute(f"insert into {relation} by name {_rows(place, typed)}")
    for raw in raws:
        for part in raw.parts:
            if part.rejects is not None:
                place.con.execute(
                    f"insert into {relation} select ?, line, column_name, value, reason, null from read_parquet(?)",
                    [part.source, str(part.rejects)],
                )


def _rows(place: Workplace, typed: Typed) -> str:
    chosen = typed.mapping.columns()
    targets = {column: target for target, column in chosen.items()}
    headings = place.variables.put({"key": list(chosen), "value": list(chosen.values())})
    values = " ".join(f"when {literal(target)} then {_shown(column, target)}" for target, column in chosen.items())
    known = [*chosen.values(), *typed.mapping.extra]
    fields = ", ".join(
        f"{literal(column)}, {_shown(column, targets.get(column)) if column in known else _masked(column)}"
        for column in typed.table.columns
    )
    return (
        "select t.__source as source, t.__line as line, "
        f"coalesce(map_extract_value({headings}, t.__column), t.__column) as column_name, "
        f"left(case t.__column {values} end, 200) as value, t.__reason as reason, "
        f"json_merge_patch('{{}}'::json, json_object({fields}))::varchar as \"row\" "
        f"from {typed.relation} t join {typed.raw} r on r.__order = t.__order where t.__reason is not null"
    )


def _shown(column: str, target: str | None) -> str:
    """The raw value, masked when it is personal or looks so."""
    if target in PERSONAL_TARGETS or target == "summary":
        return _masked(column)
    value = f"r.{quote(column)}::varchar"
    looks = f"regexp_matches({value}, {literal(_PRIVATE)})" if target != "dossier_code" else "false"
    if target is not None and target not in _WORDS:
        looks += f" or regexp_matches({value}, {literal(_NAME)})"
    return f"case when {looks} then '{MASK}' else left({value}, 200) end"


def _masked(column: str) -> str:
    return f"case when r.{quote(column)} is not null then '{MASK}' end"
