"""Canonical rows on a cluster to prepared Parquet: keys, chains, facts of dossiers, variants, pauses.

The derivations are those of `workbench.store.prepare`, compiled for Spark. Only keys and physical order are Spark's
own business: rows are sorted by procedure, organisation and dossier, so that a question about one procedure reads few
row groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from workbench.columns import DOSSIER, EVENT, PAUSE
from workbench.progress import Progress, silent
from workbench.store import prepare
from workbench.store.calendars import calendar_join, write_successors
from workbench.store.expressions import BASE_COLUMNS, CHAIN_COLUMNS
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, IDENTITY, PAUSE_GIVEN
from workbench.store.spark.engine import Engine

BIG = ("dossier", "event", "pause", "variant")
"""Tables that stay on the cluster."""
_STAGES = 6
_SAME_EVENT = ("dossier_key", "activity_id", "completed_at", "unit", "officer_key", "occurrence")
_LOAD = 1
_TYPES: dict[str, dt.DataType] = {
    "BIGINT": dt.int64,
    "INTEGER": dt.int32,
    "VARCHAR": dt.string,
    "TIMESTAMP": dt.timestamp,
    "BOOLEAN": dt.boolean,
    "DOUBLE": dt.float64,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Canonical rows of one log, not yet read."""

    dossiers: ir.Table
    """province_code, dossier_code, the given columns of DOSSIER, place (order in the source)."""
    events: ir.Table
    """province_code, dossier_code, activity_id, the given columns of EVENT, occurrence, and invented: the code of an
    event the sender may have made up, which it did when it stands exactly at the dossier's own date."""
    pauses: ir.Table
    """province_code, dossier_code, the given columns of PAUSE, place."""
    strict: bool
    """Dossiers came as rows of their own: an event without one is left out."""
    event_count: int
    """Rows of `events`, counted while they were checked."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows."""

    dossiers: int
    events: int
    pauses: int
    repeated_events: int
    """Events that repeat another event of their dossier."""
    events_without_dossier: int


def typed(kind: str) -> dt.DataType:
    """The Ibis type of one of DuckDB's type names in `workbench.columns`."""
    return _TYPES[kind]


def write(
    engine: Engine, rows: Rows, small: duckdb.DuckDBPyConnection, folder: str, *, progress: Progress = silent
) -> Counts:
    """Write the prepared tables of `rows` under `folder`, each in a sub-folder of its name.

    `small` holds calendar_day and calendar_rule. An interrupted run leaves half a folder; what marks it whole is the
    caller's business.
    """
    maker = _Maker(engine, small, folder, progress)
    keyed = maker.keys(rows)
    events, repeated, lost = maker.events(rows, keyed)
    pauses = maker.pauses(rows, keyed)
    maker.dossiers(keyed)
    maker.variants()
    progress("spark_prepare", _STAGES, _STAGES)
    return Counts(maker.count("dossier"), events, pauses, repeated, lost)


class _Maker:
    def __init__(self, engine: Engine, small: duckdb.DuckDBPyConnection, folder: str, progress: Progress) -> None:
        self.engine, self.small, self.folder, self.progress = engine, small, folder, progress
        self.done = 0
        # Read from the folder, not sent along: the plans stay short.
        self.days = self.save("calendar_day", engine.local(small.sql("select * from calendar_day").to_arrow_table()))

    def step(self) -> None:
        self.progress("spark_prepare", self.done, _STAGES)
        self.done += 1

    def save(self, name: str, frame: object) -> ir.Table:
        """Write a Spark data frame and read it back, so that no later step computes it again."""
        path = f"{self.folder}/{name}"
        self.engine.watched(lambda: frame.write.mode("overwrite").parquet(path), self.progress)  # type: ignore[attr-defined]
        return self.engine.view(f"wb_prepare_{name}", self.engine.session.read.parquet(path))

    def count(self, name: str) -> int:
        table = self.engine.backend.table(f"wb_prepare_{name}")
        return int(self.engine.fetch(table.count()))

    # dossiers and their keys ---------------------------------------------------------------------------
    def keys(self, rows: Rows) -> ir.Table:
        """The base facts of every dossier with its key, in the order of procedure, organisation, receipt, code."""
        from pyspark.sql import functions as sql

        self.step()
        # Spark runs what it ranges twice, once to sample it: read and hashed once, here.
        dossiers = self.save("rows", self.engine.frame(rows.dossiers))
        merged = self.merged(dossiers)
        if not rows.strict:
            named = rows.events.select(*IDENTITY).distinct()
            merged = merged.unionByName(self.engine.frame(_nameless(named, dossiers)), allowMissingColumns=True)
        came = sql.coalesce(sql.col("accepted_at"), sql.col("submitted_at"))
        keys = [sql.col("procedure_code"), sql.col("province_code"), came, sql.col("dossier_code")]
        # As in a store file, so that what draws lots (bootstrap) draws the same.
        order = [key.asc_nulls_last() for key in keys]
        within = sql.monotonically_increasing_id().bitwiseAND(sql.lit((1 << 33) - 1))
        placed = merged.repartitionByRange(*order).sortWithinPartitions(*order)
        placed = placed.withColumn("wb_part", sql.spark_partition_id()).withColumn("wb_within", within)
        base = self.save("base", placed)
        sizes = self.engine.fetch(base.group_by("wb_part").aggregate(n=base.count()).order_by("wb_part"))
        before = pd.DataFrame({"wb_of": sizes["wb_part"], "wb_before": sizes["n"].cumsum() - sizes["n"] + 1})
        offset = self.engine.small("wb_prepare_offset", pa.Table.from_pandas(before.astype("int64")))
        keyed = base.join(offset, base.wb_part == offset.wb_of)
        keyed = keyed.mutate(dossier_key=keyed.wb_before + keyed.wb_within)
        place = self._places(base)
        keyed = keyed.left_join(
            place, [keyed.province_code == place.p_province, keyed.agency_code.identical_to(place.p_agency)]
        )
        keyed = keyed.mutate(load_id=ibis.literal(_LOAD, "int32"))
        return self.save("keyed", self.engine.frame(keyed.select(*BASE_COLUMNS)))

    def merged(self, dossiers: ir.Table) -> Any:
        """One row a dossier. Choosing the latest value of every column is dear, so only for dossiers that come again."""
        counted = dossiers.group_by(*IDENTITY).aggregate(n=dossiers.count())
        again = self.save("again", self.engine.frame(counted.filter(counted.n > 1).drop("n")))
        given = {"outcome_given" if name == "outcome" else name: dossiers[name] for name in DOSSIER_GIVEN}
        once = dossiers.select(*IDENTITY, **given, version_count=ibis.literal(1, "int32"))
        if not self.count("again"):
            return self.engine.frame(once)
        several = self.engine.frame(_merged(dossiers.semi_join(again, list(IDENTITY))))
        return self.engine.frame(once.anti_join(again, list(IDENTITY))).unionByName(several)

    def _places(self, base: ir.Table) -> ir.Table:
        """Calendar and province of 2025 of every organisation and agency: few, so DuckDB's rules decide here."""
        pairs = self.engine.fetch(base.select("province_code", "agency_code").distinct())
        pairs = pairs.astype(object).where(pairs.notna(), None)
        con = self.small
        write_successors(con)
        con.execute("create or replace temp table wb_pair (province_code varchar, agency_code varchar)")
        if len(pairs):
            con.executemany("insert into wb_pair values (?, ?)", pairs.to_numpy().tolist())
        found = con.sql(
            "select d.province_code as p_province, d.agency_code as p_agency, c.calendar_id, "
            "coalesce(s.province_2025, d.province_code) as province_2025 from wb_pair d "
            f"left join successor s on s.province_code = d.province_code {calendar_join('d', 'c')}"
        ).to_arrow_table()
        return self.engine.small("wb_prepare_place", found)

    # events --------------------------------------------------------------------------------------------
    def events(self, rows: Rows, keyed: ir.Table) -> tuple[int, int, int]:
        """Write the chained events; how many there are, were repeated, and had no dossier."""
        self.step()
        own = keyed.select(
            "dossier_key", "procedure_code", "calendar_id", "accepted_at", "closed_at", k_province="province_code",
            k_code="dossier_code",
        )  # fmt: skip
        event = rows.events
        joined = event.inner_join(own, [("province_code", "k_province"), ("dossier_code", "k_code")])
        joined = joined.mutate(
            artefact=_artefact(joined), load_id=ibis.literal(_LOAD, "int32"), sort_rank=joined.dossier_key
        )
        # By hash, not by range: to sample the range Spark would read, join and hash all events a second time. Each
        # file is sorted by procedure all the same, so a question about one reads few pages of each.
        spread = self.engine.frame(joined.select(*CHAIN_COLUMNS)).repartition("dossier_key")
        given = self.engine.view("wb_prepare_given", spread)
        window = ibis.window(group_by=[given[name] for name in _SAME_EVENT], order_by=given.source_order)
        numbered = given.mutate(wb_turn=ibis.row_number().over(window))
        once = numbered.filter(numbered.wb_turn == 0).drop("wb_turn")
        chained = self.engine.frame(prepare.chain(once, self.days).select(*EVENT))
        saved = self.save("event", chained.sortWithinPartitions("dossier_key", "position", "completed_at"))
        kept = int(self.engine.fetch(saved.count()))
        gone = rows.event_count - kept
        lost = int(self.engine.fetch(_without(event, keyed).count())) if rows.strict and gone else 0
        return kept, gone - lost, lost

    def pauses(self, rows: Rows, keyed: ir.Table) -> int:
        """Write the pauses of known dossiers: later rows of the same begin and reason give end and due dates."""
        self.step()
        own = keyed.select("dossier_key", k_province="province_code", k_code="dossier_code")
        pause = rows.pauses
        joined = pause.inner_join(own, [("province_code", "k_province"), ("dossier_code", "k_code")])
        latest = {
            name: joined[name].argmax(joined.place, where=joined[name].notnull())
            for name in PAUSE_GIVEN
            if name not in ("paused_from", "reason")
        }
        one = joined.group_by("dossier_key", "paused_from", "reason").aggregate(**latest)
        one = one.mutate(load_id=ibis.literal(_LOAD, "int32"))
        self.save("pause", self.engine.frame(one.select(*PAUSE)))
        return self.count("pause")

    # what follows from the events ----------------------------------------------------------------------
    def dossiers(self, keyed: ir.Table) -> None:
        """Write the dossiers with everything derived."""
        self.step()
        event = self.engine.backend.table("wb_prepare_event")
        facts = self.save("facts", self.engine.frame(prepare.event_facts(event)))
        self.step()
        # Named three times below: kept, or Spark would plan, compile and run it each time.
        bounded = self.save("bounded", self.engine.frame(prepare.bounds(keyed, facts)))
        whole = bounded.select("dossier_key", "received_at", "closed_at", "ended_at", "calendar_id")
        stood = prepare.pause_facts(self.engine.backend.table("wb_prepare_pause"), whole, self.days)
        complete = prepare.complete(bounded, prepare.supplement_runs(event), stood, self.days)
        frame = self.engine.frame(
            complete.select(**{name: complete[name].cast(typed(spec.type)) for name, spec in DOSSIER.items()})
        )
        self.save("dossier", frame.repartitionByRange("dossier_key").sortWithinPartitions("dossier_key"))

    def variants(self) -> None:
        """Write the activities of every variant, taken from one dossier that has it."""
        self.step()
        event = self.engine.backend.table("wb_prepare_event")
        facts = self.engine.backend.table("wb_prepare_facts")
        one = facts.group_by("variant_key").aggregate(v_dossier=facts.dossier_key.min())
        chained = event.filter(event.position.notnull())
        joined = chained.inner_join(one, chained.dossier_key == one.v_dossier)
        rows = self.engine.frame(joined.select("variant_key", "position", "activity_id"))
        from pyspark.sql import functions as sql

        ordered = sql.array_sort(sql.collect_list(sql.struct("position", "activity_id")))
        lists = rows.groupBy("variant_key").agg(ordered.alias("steps"))
        self.save("variant", lists.select("variant_key", sql.col("steps.activity_id").alias("activities")))


def _merged(dossiers: ir.Table) -> ir.Table:
    """One row a dossier: each column from its latest row that has a value."""
    latest = {
        "outcome_given" if name == "outcome" else name: dossiers[name].argmax(
            dossiers.place, where=dossiers[name].notnull()
        )
        for name in DOSSIER_GIVEN
    }
    return dossiers.group_by(*IDENTITY).aggregate(**latest, version_count=dossiers.count().cast("int32"))


def _nameless(named: ir.Table, dossiers: ir.Table) -> ir.Table:
    """Dossiers only their events name."""
    unknown = named.anti_join(dossiers, list(IDENTITY))
    return unknown.mutate(version_count=ibis.literal(0, "int32"))


def _without(event: ir.Table, keyed: ir.Table) -> ir.Table:
    return event.anti_join(keyed, list(IDENTITY))


def _artefact(joined: ir.Table) -> ir.StringValue:
    """The codes of an event; a candidate is invented when it stands exactly at the dossier's own date."""
    first = (joined.invented == "synthetic_first") & (joined.completed_at == joined.accepted_at)
    last = (joined.invented == "synthetic_last") & (joined.completed_at == joined.closed_at)
    made_up = ibis.ifelse((first | last).fill_null(False), joined.invented, ibis.null("string"))
    both = made_up + ibis.literal(",") + joined.artefact
    return ibis.coalesce(both, made_up, joined.artefact)


Prepare = Callable[[Engine], Rows]
assert set(EVENT_GIVEN) <= {*EVENT}
