"""What files say before they are loaded: graph, variants and durations straight from the source.

Nothing is kept. No dossier is merged with another version of itself, no repeated row is dropped, no artefact is set
aside, no calendar and no pause counts: that is what loading does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from workbench.errors import FormatError
from workbench.intake.events import joined
from workbench.intake.mapping import map_tables
from workbench.intake.notices import Notice
from workbench.intake.options import options_from
from workbench.intake.personal import Hasher
from workbench.intake.stage import Mapped
from workbench.intake.typed import Typed, typed
from workbench.intake.variables import Variables
from workbench.intake.workplace import Workplace
from workbench.progress import Progress, silent
from workbench.results import Result
from workbench.sources.mapping import Mapping as ColumnMapping
from workbench.sources.opencps import norm_of
from workbench.sources.profiles import Profile, find_profile, read_profile
from workbench.sources.raw import Skipped
from workbench.sources.reading import Given, Reading, collect, may_be_beside, read
from workbench.sources.staging import StagingFolder
from workbench.watching import watched


@dataclass(frozen=True, slots=True)
class Glance(Result):
    """A log as its files have it."""

    edges: pd.DataFrame
    """source, target, count, median_seconds, mean_seconds, p90_seconds; most frequent first, ties in label order."""
    activities: pd.DataFrame
    """activity, count, start_count, end_count; most frequent first."""
    variants: pd.DataFrame
    """rank, variant (list of labels), steps, count, share, median_seconds of the most frequent variants."""
    n_variants: int
    """How many variants there are, whatever the limit."""
    durations: pd.Series
    """Seconds from the first to the last event of every dossier, in no order."""
    n_events: int
    refused: pd.DataFrame
    """reason, rows: rows that would go to quarantine."""
    mappings: tuple[ColumnMapping, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]

    @property
    def n_dossiers(self) -> int:
        """Dossiers with at least one event."""
        return len(self.durations)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready: counts, tables and quantiles of the durations."""
        at = self.durations.quantile([0.1, 0.5, 0.9])
        return {
            "dossiers": self.n_dossiers,
            "events": self.n_events,
            "variants_in_all": self.n_variants,
            "duration_seconds": {"p10": at[0.1], "median": at[0.5], "p90": at[0.9]} if self.n_dossiers else None,
            "edges": self.edges.to_dict("records"),
            "activities": self.activities.to_dict("records"),
            "variants": self.variants.to_dict("records"),
            "refused": self.refused.to_dict("records"),
            "columns": [one.to_dict() for one in self.mappings],
        }


def glance(
    paths: Iterable[str | Path],
    *,
    profile: str | Path | Profile | None = None,
    constants: Mapping[str, str] | None = None,
    limit: int = 100,
    memory_limit: str = "6GB",
    threads: int = 0,
    progress: Progress = silent,
) -> Glance:
    """Graph, variants and durations of the events in files, without loading them.

    Files, folders and globs as `load` takes them, `limit` variants in the table. Dossiers are told apart by
    organisation and code; events at the same time stand in the order of the source. Raises FormatError, MappingError
    as `load` does.
    """
    kept = profile if profile is None or isinstance(profile, Profile) else read_profile(find_profile(profile))
    options = options_from({**(kept.constants if kept else {}), **(constants or {})})
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory_limit}
    if threads:
        config["threads"] = threads
    with StagingFolder() as folder, duckdb.connect(config=config) as con:
        con.execute("set preserve_insertion_order=false")
        variables = Variables(con)
        place = Workplace(con, options, Hasher(variables, None), variables)
        given = collect(list(paths), checksums=False)
        reading = read(given, folder, options=options.reader, progress=progress)
        mapped = _events(place, reading, given, kept)
        tables = _typed(place, mapped, progress)
        _chain(place, tables, progress)
        return _found(place, tables, limit, reading.skipped)


def _found(place: Workplace, tables: Sequence[Typed], limit: int, skipped: tuple[Skipped, ...]) -> Glance:
    con = place.con
    variants, n_variants = _variants(con, limit)
    return Glance(
        edges=_edges(con),
        activities=_activities(con),
        variants=variants,
        n_variants=n_variants,
        durations=con.execute("select (last_at - first_at) / 1e6 as seconds from glance_dossier").df()["seconds"],
        n_events=place.count("select count(*) from glance_event"),
        refused=_refused(place, tables),
        mappings=tuple(one.mapping for one in tables),
        skipped=skipped,
        notices=tuple(place.notices),
    )


def _events(place: Workplace, found: Reading, given: Sequence[Given], profile: Profile | None) -> list[Mapped]:
    """The tables of events with their mapping; files that may just lie beside a log are passed over."""
    mapped, _ = map_tables(place, norm_of(found.tables)[1], profile, [one.file for one in given if may_be_beside(one)])
    events = [one for one in mapped if one.mapping.role == "event"]
    if not events:
        names = ", ".join(one.table.name for one in mapped)
        raise FormatError(f"There are no events in {names}.", fix="Name a file with a row for each event.", paths=names)
    return events


def _typed(place: Workplace, mapped: Sequence[Mapped], progress: Progress) -> list[Typed]:
    out, first_file = [], 0
    for number, one in enumerate(mapped):
        made = typed(place, one.table, one.mapping, number, first_file, count=False, progress=progress)
        out.append(joined(place, made)[0])
        first_file += len(one.table.parts)
    return out


def _chain(place: Workplace, tables: Sequence[Typed], progress: Progress) -> None:
    """Labels by number, events in the order of their dossiers with what follows, and dossiers with a key of their variant.

    A dossier and a variant are known by 64 bits of a hash: among ten million the chance that two fall together is
    about three in a million.
    """
    rows = " union all ".join(
        f"select province_code, dossier_code, label, completed_at, __order from {one.relation} "
        "where __reason is null and completed_at is not null"
        for one in tables
    )
    total = sum(one.table.rows for one in tables)
    statements = (
        f"create temp table glance_label as select label, row_number() over (order by label)::integer as id "
        f"from (select distinct label from ({rows}))",
        "create temp table glance_row as select hash(province_code, dossier_code) as dossier, id as step, "
        f"epoch_us(completed_at) as moment, __order from ({rows}) join glance_label using (label)",
        "create temp table glance_event as select dossier, step, moment, lead(step) over chain as next_step, "
        "lead(moment) over chain - moment as gap, row_number() over chain as place from glance_row "
        "window chain as (partition by dossier order by moment, __order)",
        "create temp table glance_dossier as select dossier, bit_xor(hash(place << 32 | step)) as variant, min(moment) as first_at, "
        "max(moment) as last_at from glance_event group by dossier",
    )
    for number, statement in enumerate(statements):
        with watched(place.con, _part(progress, number, len(statements)), "events", total):
            place.con.execute(statement)
    progress("events", total, total)


def _part(progress: Progress, number: int, parts: int) -> Progress:
    """Progress of one of several steps of equal length, told as that of the whole."""
    if progress is silent:
        return silent
    return lambda stage, done, total: progress(stage, (total * number + done) / parts, total)


def _edges(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return con.execute(
        "select s.label as source, t.label as target, count(*) as count, quantile_cont(gap, 0.5) / 1e6 as median_seconds, "
        "avg(gap) / 1e6 as mean_seconds, quantile_cont(gap, 0.9) / 1e6 as p90_seconds from glance_event e "
        "join glance_label s on s.id = e.step join glance_label t on t.id = e.next_step group by all "
        "order by count desc, source, target"
    ).df()


def _activities(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return con.execute(
        "select label as activity, count(*) as count, count(*) filter (place = 1) as start_count, "
        "count(*) filter (next_step is null) as end_count from glance_event e join glance_label l on l.id = e.step "
        "group by all order by count desc, activity"
    ).df()


def _variants(con: duckdb.DuckDBPyConnection, limit: int) -> tuple[pd.DataFrame, int]:
    con.execute(
        "create temp table glance_variant as select variant, count(*) as count, any_value(dossier) as dossier, "
        "quantile_cont(last_at - first_at, 0.5) / 1e6 as median_seconds from glance_dossier group by variant"
    )
    total, number = con.execute("select coalesce(sum(count), 0), count(*) from glance_variant").fetchall()[0]
    # Ties at the limit are settled by the labels, so all variants as frequent as the last one are looked at.
    rows = con.execute(
        "with enough as (select * from glance_variant where count >= coalesce((select count from glance_variant "
        "order by count desc limit 1 offset $last), 0)) "
        "select list(label order by place) as variant, count(*) as steps, any_value(v.count) as count, "
        "any_value(median_seconds) as median_seconds from enough v join glance_event using (dossier) "
        "join glance_label l on l.id = step group by v.variant order by 3 desc, 1 limit $limit",
        {"last": limit - 1, "limit": limit},
    ).df()
    rows.insert(0, "rank", range(1, len(rows) + 1))
    rows.insert(4, "share", rows["count"] / float(total) if total else 0.0)
    return rows.assign(variant=[list(one) for one in rows["variant"]]), int(number)


def _refused(place: Workplace, tables: Sequence[Typed]) -> pd.DataFrame:
    parts = [
        f"select __reason as reason, count(*) as rows from {one.relation} where __reason is not null group by 1"
        for one in tables
    ]
    files = [str(part.rejects) for one in tables for part in one.table.parts if part.rejects is not None]
    if files:
        parts.append(f"select reason, count(*) as rows from read_parquet({place.variables.put(files)}) group by 1")
    return place.con.execute(
        f"select reason, sum(rows)::bigint as rows from ({' union all '.join(parts)}) group by 1 order by 2 desc, 1"
    ).df()
