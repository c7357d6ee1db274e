"""The columns of one raw table as SQL: cleaned text, and the canonical value of each kind.

Every value is asked for by its canonical name; what makes a row unusable is noted as a reason on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.intake import times, values
from workbench.intake.options import FROM_FILE
from workbench.intake.scan import FILE_SHIFT, scan
from workbench.intake.workplace import Workplace
from workbench.sources.mapping import TIMES, Mapping
from workbench.sources.raw import RawTable
from workbench.store.schema import quote

MOMENTS = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_CODES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "channel": (dict(values.CHANNELS), ("desk", "online", "post")),
    "service_level": (dict(values.SERVICE_LEVELS), ("information", "partial", "full")),
    "level": (dict(values.LEVELS), ("province", "district", "commune")),
    "applicant_type": (dict(values.APPLICANTS), ("citizen", "business", "state", "other")),
    "outcome": (dict(values.OUTCOMES), ("done", "returned", "refused", "stopped", "open")),
    "reason": (dict(values.REASONS), ("supplement", "financial_duty")),
}
_MANY_VALUES = ("dossier_code", "applicant_key", "applicant_id", "applicant", "applicant_phone", "applicant_email")
_NOT_OF_PAUSES = ("province_code", "dossier_code")
_OF_EVENTS = ("unit", "role")


class Fields:
    """Canonical names to SQL over the cleaned columns `c_…` of one raw table."""

    def __init__(self, place: Workplace, table: RawTable, mapping: Mapping, first_file: int) -> None:
        self.place, self.table, self.role = place, table, mapping.role
        self.extra = mapping.extra
        self.chosen = mapping.columns()
        self.raw = scan(place.variables, table, first_file)
        self.constants = self._constants(first_file)
        self.reasons: list[tuple[str, str, str]] = []
        """(SQL condition, reason, canonical column), in the order they are tried."""
        self.optional_times: dict[str, str] = {}
        """Time columns of the result, and their canonical names, in which an impossible time becomes null."""
        self._coded: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._plans = self._time_plans()
        self._tidy = self._tidy_columns()

    # what there is ------------------------------------------------------------------------------------
    def has(self, name: str) -> bool:
        """Whether the table has the canonical column, from the source or as a constant."""
        return name in self.chosen or name in self.constants

    def kind(self, name: str) -> str:
        """DuckDB's type of the column in the source."""
        return "VARCHAR" if name in self.constants else self.table.columns[self.chosen[name]]

    def cleaned(self) -> dict[str, str]:
        """`c_…` columns: text tidied and null when empty, other types as they are."""
        loose = self.table.format != "parquet"
        out = {}
        for name, column in self.chosen.items():
            if name not in self.constants:
                plain = self.table.columns[column] != "VARCHAR" or column in self._tidy or name == "extra"
                text = quote(column) if plain else values.clean(quote(column), loose=loose)
                dated = name in TIMES and self.table.columns[column] == "VARCHAR"
                out[f"c_{name}"] = times.without_zeros(text) if dated else text
        out.update({f"c_{name}": value for name, value in self.constants.items()})
        for index, column in enumerate(self.extra):
            out[f"c_extra_{index}"] = values.clean(f"{quote(column)}::varchar", loose=loose)
        return out

    def lazy(self) -> bool:
        """Whether no value has to be read from text: then a view costs less than a copy."""
        if self.table.format != "parquet" or self.extra or "transition" in self.chosen:
            return False
        numbers = ("status", "fee_vnd", "fee_paid_online", "digitised", "result_electronic", "data_reused",
                   "identity_verified", "source_order", "occurrence")  # fmt: skip
        for name in self.chosen:
            if name in TIMES and self.kind(name) not in MOMENTS:
                return False
            if name in numbers and self.kind(name) == "VARCHAR":
                return False
        return True

    # values -------------------------------------------------------------------------------------------
    def text(self, name: str) -> str:
        """The cleaned column as text."""
        return quote(f"c_{name}") if self.kind(name) == "VARCHAR" else f"{quote(f'c_{name}')}::varchar"

    def text_or_null(self, name: str) -> str:
        """The same, or null for a column the table has not."""
        return self.text(name) if self.has(name) else "null::varchar"

    def moment(self, name: str) -> str:
        """A time, naive and local."""
        kind, value = self.kind(name), quote(f"c_{name}")
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f"timezone('{times.ZONE}', {value})"
        if kind in MOMENTS:
            return value if kind == "TIMESTAMP" else f"{value}::timestamp"
        return times.parse(self.text(name), self._plans[name])

    def time(self, name: str, column: str) -> str:
        """The time called `column` in the result; an unreadable one is a reason.

        An impossible one is a reason only where the event itself is dated; elsewhere it becomes null and is counted.
        """
        if self.kind(name) not in MOMENTS:
            self.refuse(f"{quote(f'c_{name}')} is not null and {quote(column)} is null", "unreadable_time", name)
        if name == "completed_at":
            self.need(f"{quote(column)} < {times.FIRST} or {quote(column)} >= {times.LAST}", "time_out_of_range", name)
        else:
            self.optional_times[column] = name
        return self.moment(name)

    def status(self, name: str) -> str:
        """A dossier status 1-10; null for anything else."""
        if self.kind(name) in _WHOLE:
            value = quote(f"c_{name}")
            sql = f"case when {value} between 1 and 10 then {value}::integer end"
        else:
            sql = values.status_code(self.text(name))
        self._coded[name] = (sql, ())
        return sql

    def code(self, name: str) -> str:
        """A canonical code; an unknown one stays as it is, but for outcomes and reasons."""
        codes, known = _CODES[name]
        if name == "applicant_type" and self._from_zero():
            codes = dict(values.APPLICANTS_FROM_ZERO)
        sql = values.coded(self.text(name), codes, known, keep=name not in ("outcome", "reason"))
        self._coded[name] = (sql, known)
        return sql

    def flag(self, name: str) -> str:
        """A boolean."""
        return quote(f"c_{name}") if self.kind(name) == "BOOLEAN" else values.flag(self.text(name))

    def amount(self, name: str, column: str) -> str:
        """An amount called `column` in the result."""
        if self.kind(name) != "VARCHAR":
            return f"{quote(f'c_{name}')}::double"
        self.refuse(f"{quote(f'c_{name}')} is not null and {quote(column)} is null", "unreadable_number", name)
        return values.number(quote(f"c_{name}"))

    # reasons ------------------------------------------------------------------------------------------
    def need(self, condition: str, reason: str, column: str) -> None:
        """A row for which `condition` holds cannot be loaded."""
        self.reasons.append((condition, reason, column))

    def refuse(self, condition: str, reason: str, column: str) -> None:
        """A row for which `condition` holds is refused; a derived row only loses the value."""
        if not self.table.derived:
            self.reasons.append((condition, reason, column))

    def say_impossible_times(self, counts: Sequence[int]) -> None:
        """A notice for every optional time column with values that were no possible time, given their numbers."""
        for name, rows in zip(self.optional_times.values(), counts, strict=True):
            if rows:
                self.place.say("impossible_times", source=self.table.name, column=self.chosen[name], rows=rows)

    def say_unknown_codes(self) -> None:
        """A notice for every coded column with values that are not known."""
        cleaned = self.cleaned()
        for name, (sql, known) in self._coded.items():
            if name in self.constants:
                continue
            column = f"c_{name}"
            odd = f"{sql} is null"
            if known:
                odd += f" or not {values.one_of(sql, known)}"
            found = self.place.con.execute(
                f"select {column}::varchar, n from (select {cleaned[column]} as {column}, count(*) as n from {self.raw} "
                f"group by 1) where {column} is not null and ({odd}) order by n desc, 1"
            ).fetchall()
            if found:
                shown = ", ".join(value[:40] for value, _ in found[:5]) + (", …" if len(found) > 5 else "")
                rows = sum(n for _, n in found)
                self.place.say(
                    "unknown_codes", source=self.table.name, column=self.chosen[name], values=shown, rows=rows
                )

    # ------------------------------------------------------------------------------------------------
    def _constants(self, first_file: int) -> dict[str, str]:
        found = {}
        for name, value in self.place.options.constants.items():
            if (self.role == "pause" and name not in _NOT_OF_PAUSES) or (name in _OF_EVENTS and self.role != "event"):
                continue
            if value == FROM_FILE:
                stems = self.place.variables.put([stem(part.file.path) for part in self.table.parts])
                found[name] = f"list_extract({stems}, (__order // {FILE_SHIFT} - {first_file} + 1)::integer)"
            else:
                found[name] = self.place.variables.put(value)
        return found

    def _tidy_columns(self) -> frozenset[str]:
        """Text columns of a Parquet file in which no value needs tidying; looked at once, not row by row."""
        if self.table.format != "parquet":
            return frozenset()
        tidy = set()
        for name, column in self.chosen.items():
            if self.table.columns[column] == "VARCHAR" and name not in (*self.constants, "extra"):
                # an aggregate, not a filter, which DuckDB would take from the few distinct values to every row
                if name in _MANY_VALUES:
                    found = f"bool_or({values.maybe_untidy(quote(column))}) from {self.raw}"
                else:
                    found = f"bool_or({values.untidy(quote(column))}) from (select distinct {quote(column)} from {self.raw})"
                if not self.place.count(f"select {found}"):
                    tidy.add(column)
        return frozenset(tidy)

    def _time_plans(self) -> dict[str, times.TimePlan]:
        texts = {
            name: column for name, column in self.chosen.items() if name in TIMES and self.kind(name) not in MOMENTS
        }
        columns = sorted(set(texts.values()))
        as_text = ", ".join(f"{quote(column)}::varchar as {quote(column)}" for column in columns)
        facts = times.time_facts(self.place.con, f"(select {as_text or '1'} from {self.raw})", columns)
        options = self.place.options
        plans = {
            name: times.plan(
                column, facts, date_order=options.date_order, keep_clock=options.keep_clock, source=self.table.name
            )
            for name, column in texts.items()
        }
        for name, column in texts.items():
            self._say_zone(name, column, facts[column], plans[name])
        return plans

    def _say_zone(self, name: str, column: str, found: times.TimeFacts, plan: times.TimePlan) -> None:
        about = {"source": self.table.name, "column": column}
        if 0 < found.zoned < found.filled:
            self.place.say("mixed_zones", **about, zoned=found.zoned, naive=found.filled - found.zoned)
        elif found.zoned:
            self.place.say("clock_kept" if plan.keep_clock else "zone_converted", **about, rows=found.zoned)
        elif found.filled and name == "completed_at":
            self.place.say("naive_taken_as_local", **about, rows=found.filled)
        if plan.decided_by in ("column", "table") and name == "completed_at":
            order = "dmy" if plan.day_first else "mdy"
            self.place.say("date_order", **about, order=order, decided_by=plan.decided_by)

    def _from_zero(self) -> bool:
        if "applicant_type" in self.constants:
            return False
        column = self.chosen["applicant_type"]
        query = f"select exists (select 1 from {self.raw} where trim({quote(column)}::varchar) = '0')"
        found = bool(self.place.count(query))
        if found:
            self.place.say("applicant_codes_from_zero", source=self.table.name, column=column)
        return found


def stem(path: Path) -> str:
    """A file's name without its endings: BPIC15_1f.xes.gz is BPIC15_1f."""
    name = path.name
    for ending in (".gz", ".zst"):
        name = name.removesuffix(ending)
    return Path(name).stem
