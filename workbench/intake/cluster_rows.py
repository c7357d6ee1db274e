"""Parquet files on a cluster as canonical rows: what `typed.py` does for a store file, as Ibis expressions for Spark.

The files have canonical column names and types already (`workbench synth`, `workbench export --table rows`, a bank's own
job); mapping the words of other systems is what `workbench load` is for. Names of people become keyed hashes with a
key that is made for the one preparation and kept nowhere.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from workbench.columns import DOSSIER, EVENT, PAUSE, Column
from workbench.errors import MappingError
from workbench.intake.artefacts import CUT_LENGTH, DEFAULT_OFFICER, DESK_OFFICER, FIRST_LABEL, LAST_LABEL
from workbench.intake.events import UNKNOWN
from workbench.intake.personal import LENGTH, PLACEHOLDER_IDS
from workbench.progress import Progress, silent
from workbench.reference import statuses
from workbench.sources.headings import fold
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, IDENTITY, PAUSE_GIVEN
from workbench.store.spark.engine import Engine
from workbench.store.spark.files import Item
from workbench.store.spark.prepared import Rows, typed

FIRST, LAST = datetime(1950, 1, 1), datetime(2101, 1, 1)
"""A time outside these is a slip of the source, as in `times.py`."""
_FILE_SHIFT = 1 << 40
_AGENCY = r"^(\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{1,4}){0,3})-\d{6}-\d{4,}$"
_ODD = r"\t-\r\x{a0}\x{1680}\x{2000}-\x{200b}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_SPACE = rf" *[{_ODD}][ {_ODD}]*|  +"
"""White space that is not one plain blank: to replace each blank by itself would build most texts anew."""
_PERSONAL = ("applicant_id", "applicant_email", "applicant_phone", "applicant")
_CONTRADICTS = re.compile("traketqua|ketthuc|yeucaubosung|tuchoi")
_BLOCK = 64


@ibis.udf.scalar.builtin(name="sha2")
def _sha2(value: dt.binary, bits: dt.int32) -> dt.string:
    """Hexadecimal SHA-2."""


@ibis.udf.scalar.builtin(name="unhex")
def _unhex(value: dt.string) -> dt.binary:
    """The bytes of a hexadecimal text."""


@ibis.udf.scalar.builtin(name="encode")
def _encode(value: dt.string, charset: dt.string) -> dt.binary:
    """A text as bytes."""


@ibis.udf.scalar.builtin(name="concat")
def _joined(first: dt.binary, second: dt.binary) -> dt.binary:
    """Bytes one after the other."""


@dataclass(frozen=True, slots=True)
class Read:
    """Canonical rows, the labels they use, and how many rows were refused for which reason."""

    rows: Rows
    activities: pa.Table
    """activity_id, label; in label order."""
    refused: Mapping[tuple[str, str], int]
    """(table, reason) to rows."""
    rows_in: Mapping[str, int]


def read(engine: Engine, files: Mapping[str, list[Item]], *, progress: Progress = silent) -> Read:
    """The rows of the files of `log_files`, checked and typed.

    Raises MappingError when a column that is needed is missing or has another type.
    """
    reader = _Reader(engine, progress)
    pauses = reader.pauses(files.get("pauses", []))
    dossiers = reader.dossiers(files.get("dossiers", []))
    events, activities = reader.events(files["events"])
    tables = {"dossiers": dossiers, "events": events, "pauses": pauses}
    views = {name: engine.view(f"wb_canonical_{name}", engine.frame(table)) for name, table in tables.items()}
    rows = Rows(**views, strict=bool(files.get("dossiers")), event_count=reader.event_count)
    return Read(rows, activities, reader.refused, reader.rows_in)


class _Reader:
    def __init__(self, engine: Engine, progress: Progress) -> None:
        self.engine, self.progress = engine, progress
        self.refused: dict[tuple[str, str], int] = {}
        self.rows_in: dict[str, int] = {}
        self.event_count = 0
        key = secrets.token_bytes(32).ljust(_BLOCK, b"\0")
        # A table, not a literal: the plans and the history pages of Spark show literals.
        pads = {"wb_inner": [bytes(b ^ 0x36 for b in key)], "wb_outer": [bytes(b ^ 0x5C for b in key)]}
        self.key = engine.small("wb_rows_key", pa.table(pads))

    # the three tables ----------------------------------------------------------------------------------
    def dossiers(self, files: list[Item]) -> ir.Table:
        table = self._scan("dossiers", files, DOSSIER, ("dossier_code",))
        table = _clean(table, [name for name in table.columns if name != "extra"])
        table = self._checked("dossiers", table, [(table.dossier_code.isnull(), "missing_dossier_code")])
        table = table.cross_join(self.key)
        columns = {name: _given(table, name, DOSSIER) for name in DOSSIER_GIVEN}
        columns["procedure_code"] = ibis.coalesce(columns["procedure_code"], UNKNOWN)
        columns["agency_code"] = ibis.coalesce(columns["agency_code"], _agency(table.dossier_code))
        if (person := _person(table)) is not None:
            columns["applicant_key"] = _hashed(table, person)
        return _named(table, columns)

    def events(self, files: list[Item]) -> tuple[ir.Table, pa.Table]:
        table = self._scan("events", files, EVENT, ("dossier_code", "label", "completed_at"))
        table = _clean(table, [name for name in table.columns if name != "label"])
        status = _given(table, "status", EVENT)
        label = table.label.nullif("") if table.label.type().is_string() else table.label.cast("string")
        table = table.mutate(wb_label=ibis.coalesce(label, _status_name(status)))
        started = _raw(table, "started_at", EVENT)
        counted = self._reasons(
            table,
            [
                (table.dossier_code.isnull(), "missing_dossier_code"),
                (table.wb_label.isnull(), "missing_label"),
                (
                    (table.completed_at < ibis.literal(FIRST)) | (table.completed_at >= ibis.literal(LAST)),
                    "time_out_of_range",
                ),
                (table.completed_at.isnull(), "missing_time"),
                (started > table.completed_at, "negative_duration"),
            ],
        )
        labels = self._count_labels(counted)
        facts = label_facts(list(labels))
        self.event_count = sum(labels[name] for name in facts["label"])
        activities = activity_table(facts)
        good = counted.filter(counted.wb_reason.isnull())
        return self._event_rows(good, facts, activities), activities

    def pauses(self, files: list[Item]) -> ir.Table:
        table = self._scan("pauses", files, PAUSE, ("dossier_code", "paused_from"))
        table = _clean(table, list(table.columns))
        table = self._checked(
            "pauses",
            table,
            [
                (table.dossier_code.isnull(), "missing_dossier_code"),
                (table.paused_from.isnull(), "missing_time"),
                (_raw(table, "paused_to", PAUSE) < table.paused_from, "negative_duration"),
            ],
        )
        columns = {name: _given(table, name, PAUSE) for name in PAUSE_GIVEN}
        columns["reason"] = ibis.coalesce(columns["reason"], "supplement")
        return _named(table, columns)

    # events --------------------------------------------------------------------------------------------
    def _count_labels(self, counted: ir.Table) -> dict[str, int]:
        """The labels of good rows and how often they come; refused rows and all rows are counted on the way."""
        groups = self.engine.fetch(
            counted.group_by("wb_label", "wb_reason").aggregate(n=counted.count()), self.progress
        )
        self.rows_in["events"] = int(groups["n"].sum())
        for reason, rows in groups.dropna(subset=["wb_reason"]).groupby("wb_reason")["n"].sum().items():
            self.refused["events", str(reason)] = int(rows)
        good = groups[groups["wb_reason"].isna()]
        return {str(label): int(n) for label, n in zip(good["wb_label"], good["n"], strict=True)}

    def _event_rows(self, good: ir.Table, facts: pd.DataFrame, activities: pa.Table) -> ir.Table:
        ids = dict(zip(activities["label"].to_pylist(), activities["activity_id"].to_pylist(), strict=True))
        known = facts.assign(l_activity=facts["cleaned"].map(ids).astype("int32")).rename(columns={"label": "l_label"})
        labels = self.engine.small(
            "wb_rows_label", pa.Table.from_pandas(known.drop(columns="cleaned"), preserve_index=False)
        )
        joined = good.inner_join(labels, good.wb_label == labels.l_label)
        columns = {name: _given(joined, name, EVENT) for name in EVENT_GIVEN if name != "occurrence"}
        columns["source_order"] = ibis.coalesce(columns["source_order"], joined.place)
        flags, invented = _artefacts(joined)
        if flags is not None:
            given = columns["artefact"]
            columns["artefact"] = ibis.coalesce(given + ibis.literal(",") + flags, given, flags)
        columns["occurrence"] = ibis.coalesce(_raw(joined, "occurrence", EVENT, "int32"), 0).cast("int32")
        columns["invented"] = invented
        if "officer" in good.columns:
            joined = joined.cross_join(self.key)
            columns["officer_key"] = _hashed(joined, joined.officer)
        return _named(joined, columns, activity_id=joined.l_activity)

    # rows ----------------------------------------------------------------------------------------------
    def _scan(self, name: str, files: list[Item], columns: Mapping[str, Column], needed: tuple[str, ...]) -> ir.Table:
        """The files as they are, with `place`: their order, then that of the rows."""
        if not files:
            return _empty(columns)
        from pyspark.sql import functions as sql
        from pyspark.sql.types import TimestampType

        frame = self.engine.session.read.option("mergeSchema", "true").parquet(*[one.path for one in files])
        if missing := [column for column in needed if column not in frame.columns]:
            raise MappingError(
                f"The Parquet files of {name} have no column {missing[0]!r}.",
                fix="Write them with the canonical column names (docs/tables.md).",
                column=missing[0],
                choices=list(frame.columns),
            )
        values = [
            # Times with a zone become Vietnamese wall-clock times.
            sql.from_utc_timestamp(sql.col(f"`{field.name}`"), "Asia/Ho_Chi_Minh")
            .cast("timestamp_ntz")
            .alias(field.name)
            if isinstance(field.dataType, TimestampType)
            else sql.col(f"`{field.name}`")
            for field in frame.schema.fields
        ]
        table = self.engine.view(
            f"wb_rows_{name}",
            frame.select(
                *values, sql.col("_metadata.file_name").alias("wb_file"), sql.col("_metadata.row_index").alias("wb_row")
            ),
        )
        order = pa.table({"f_file": [one.name for one in files], "f_place": pa.array(range(len(files)), pa.int64())})
        number = self.engine.small(f"wb_rows_{name}_files", order)
        joined = table.inner_join(number, table.wb_file == number.f_file)
        kept = [column for column in joined.columns if not column.startswith(("wb_", "f_"))]
        return joined.select(*kept, place=joined.f_place * _FILE_SHIFT + joined.wb_row)

    def _reasons(self, table: ir.Table, reasons: list[tuple[ir.BooleanValue, str]]) -> ir.Table:
        return table.mutate(wb_reason=ibis.cases(*reasons, else_=ibis.null("string")))

    def _checked(self, name: str, table: ir.Table, reasons: list[tuple[ir.BooleanValue, str]]) -> ir.Table:
        """The rows without a reason to refuse them; the others are counted."""
        marked = self._reasons(table, reasons)
        counts = self.engine.fetch(marked.group_by("wb_reason").aggregate(n=marked.count()), self.progress)
        self.rows_in[name] = int(counts["n"].sum())
        for reason, rows in zip(counts["wb_reason"], counts["n"], strict=True):
            if isinstance(reason, str):
                self.refused[name, reason] = int(rows)
        return marked.filter(marked.wb_reason.isnull()).drop("wb_reason")


def _named(table: ir.Table, columns: Mapping[str, ir.Value], **more: ir.Value) -> ir.Table:
    """Identity, order and canonical columns, nothing else."""
    given = {name: value.name(name) for name, value in {**columns, **more}.items()}
    return table.select(province_code=_province(table), dossier_code=table.dossier_code, place=table.place, **given)


def _person(table: ir.Table) -> ir.StringValue | None:
    """What identifies the applicant: the number unless a placeholder, else mail, telephone, name."""
    parts = []
    if "applicant_id" in table.columns:
        digits = table.applicant_id.cast("string").re_replace("[ .-]", "")
        parts.append(ibis.ifelse(digits.re_search(PLACEHOLDER_IDS), ibis.null("string"), digits))
    parts += [table[name] for name in _PERSONAL[1:] if name in table.columns]
    return ibis.coalesce(*parts) if parts else None


def _artefacts(event: ir.Table) -> tuple[ir.StringValue | None, ir.StringValue]:
    """The codes of an event as `artefacts.event_flags` finds them, and that of one the sender may have invented."""
    nothing = ibis.null("string")
    if "officer" not in event.columns:
        return None, nothing
    officer = event.officer.lower()
    flags = [
        ((officer == DEFAULT_OFFICER), "default_officer"),
        ((event.officer.length() == CUT_LENGTH) & event.officer.endswith("..."), "cut_officer"),
    ]
    if "status" in event.columns:
        flags.append((event.l_contradicts & (event.status == 4), "default_status"))
    if all(name in event.columns for name in ("started_at", "unit", "role")):
        flags.append((event.started_at.isnull() & event.unit.isnull() & event.role.isnull(), "empty_step_fields"))
    codes = ibis.literal("")
    for condition, code in flags:
        codes = codes + ibis.ifelse(condition.fill_null(False), f"{code},", "")
    nobody = ibis.coalesce(officer, DESK_OFFICER).isin([DEFAULT_OFFICER, DESK_OFFICER])
    invented = ibis.cases(
        (event.l_first & (officer == DESK_OFFICER), "synthetic_first"),
        (event.l_last & nobody, "synthetic_last"),
        else_=nothing,
    )
    return codes.re_replace(",$", "").nullif(""), invented


def _hashed(table: ir.Table, value: ir.StringValue) -> ir.StringValue:
    """HMAC-SHA256 of a name, as `personal.Hasher` computes it; `table` carries the key."""
    inner = _unhex(_sha2(_joined(table.wb_inner, _encode(value.lower(), "UTF-8")), 256))
    return _sha2(_joined(table.wb_outer, inner), 256).left(LENGTH)


# labels ---------------------------------------------------------------------------------------------------
def label_facts(labels: list[str]) -> pd.DataFrame:
    """label as filed, cleaned (NFC, white space folded), and what it says of an event: l_first, l_last, l_contradicts."""
    cleaned = [re.sub(r"[\s\u200b\ufeff]+", " ", unicodedata.normalize("NFC", text)).strip() for text in labels]
    rows = pd.DataFrame({"label": pd.array(labels, "str"), "cleaned": pd.array(cleaned, "str")})
    rows = rows[rows["cleaned"] != ""].reset_index(drop=True)
    low = rows["cleaned"].str.lower()
    return rows.assign(
        l_first=(low == FIRST_LABEL).astype(bool),
        l_last=(low == LAST_LABEL).astype(bool),
        l_contradicts=[bool(_CONTRADICTS.search(fold(text))) for text in rows["cleaned"]],
    )


def activity_table(facts: pd.DataFrame) -> pa.Table:
    """An id for every label, in label order."""
    names = sorted(set(facts["cleaned"]), key=lambda text: text.encode())
    return pa.table({"activity_id": pa.array(range(len(names)), pa.int32()), "label": pa.array(names, pa.string())})


# values ---------------------------------------------------------------------------------------------------
def _clean(table: ir.Table, names: list[str]) -> ir.Table:
    """Text with white space folded, null when empty."""
    texts = [name for name in names if table[name].type().is_string()]
    return table.mutate(**{name: table[name].re_replace(_SPACE, " ").strip().nullif("") for name in texts})


def _raw(table: ir.Table, name: str, columns: Mapping[str, Column], kind: str = "") -> Any:
    """A column in its canonical type, or a typed null."""
    wanted = dt.dtype(kind) if kind else typed(columns[name].type)
    return table[name].cast(wanted) if name in table.columns else ibis.null(wanted)


def _given(table: ir.Table, name: str, columns: Mapping[str, Column]) -> Any:
    value = _raw(table, name, columns)
    if columns[name].type == "TIMESTAMP" and name not in ("completed_at", "paused_from"):
        return _possible(value)
    if name == "status":
        return ibis.ifelse(value.between(1, 10), value, ibis.null("int32"))
    return value


def _possible(value: ir.TimestampValue) -> ir.TimestampValue:
    inside = (value >= ibis.literal(FIRST)) & (value < ibis.literal(LAST))
    return ibis.ifelse(inside, value, ibis.null("timestamp"))


def _province(table: ir.Table) -> ir.StringValue:
    code = _agency(table.dossier_code).re_extract(r"[A-Z]\d{2}", 0).nullif("")
    given = table.province_code if "province_code" in table.columns else ibis.null("string")
    return ibis.coalesce(given, code, UNKNOWN)


def _agency(code: ir.StringValue) -> ir.StringValue:
    return code.re_extract(_AGENCY, 1).nullif("")


def _status_name(status: ir.IntegerValue) -> ir.StringValue:
    return ibis.cases(*[(status == one.code, one.name_vi) for one in statuses()], else_=ibis.null("string"))


def _empty(columns: Mapping[str, Column]) -> ir.Table:
    names = {name: typed(columns[name].type) for name in columns if columns[name].given and name not in IDENTITY}
    schema = ibis.schema({"province_code": "string", "dossier_code": "string", **names, "place": "int64"})
    return ibis.memtable(schema.to_pyarrow().empty_table(), schema=schema)
