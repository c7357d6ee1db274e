"""The reviewed vocabulary: which canonical step a local label is, per organisation or for all.

`vocabulary` holds the judgements in force, `vocabulary_change` what each change replaced, so that changes can be
undone one after another. `step_map` is made from the judgements that were reviewed; nothing is loaded anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd

from workbench.errors import StoreError
from workbench.progress import Progress, silent
from workbench.store import summary
from workbench.store.log_store import LogStore
from workbench.store.running import Runner, writing

EVERYWHERE = "*"
_VALUES = ("step", "confidence", "method", "reviewed_by", "reviewed_at")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of the vocabulary; without `reviewed_by` it is a proposal and not in force."""

    province_code: str
    """Organisation whose label it is; "*" for all. An organisation's own line beats the one for all."""
    label: str
    step: str | None
    """Canonical step; None takes the line out of the vocabulary."""
    confidence: float | None = None
    method: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


def write_vocabulary(
    store: LogStore, rows: Iterable[Judgement], *, now: datetime, progress: Progress = silent
) -> int | None:
    """Take judgements into the vocabulary, replacing lines of the same organisation and label; one change.

    Returns the number of the change, which `undo_vocabulary` takes back; None when nothing would change.
    """
    frame = pd.DataFrame([asdict(row) for row in rows], columns=["province_code", "label", *_VALUES])
    frame = frame.drop_duplicates(["province_code", "label"], keep="last")
    if frame[["province_code", "label"]].isna().any().any():
        raise StoreError("A judgement has no organisation or no label.", fix='Write "*" for all organisations.')
    with writing(store):
        _give(store, frame)
        different = " or ".join(f"g.{name} is distinct from v.{name}" for name in _VALUES)
        store.con.execute(
            "create or replace temp table given_change as select g.*, v.label is not null as had "
            "from given_vocabulary g left join vocabulary v using (province_code, label) "
            f"where ({different}) and (g.step is not null or v.label is not null)"
        )
        if not store.scalar("select count(*) from given_change"):
            return None
        change = int(store.scalar("select coalesce(max(change_id), 0) + 1 from vocabulary_change"))
        store.con.execute(
            f"insert into vocabulary_change select {change}, ?::timestamp, g.province_code, g.label, g.had, "
            + ", ".join(f"v.{name}" for name in _VALUES)
            + " from given_change g left join vocabulary v using (province_code, label)",
            [now],
        )
        _replace(store, "given_change", "step is not null")
        _put_in_force(Runner(store.con, progress))
        return change


def undo_vocabulary(store: LogStore, *, progress: Progress = silent) -> int | None:
    """Take the latest change back; its number, or None when there is none."""
    with writing(store):
        change = store.scalar("select max(change_id) from vocabulary_change")
        if change is None:
            return None
        store.con.execute(
            "create or replace temp table given_change as select * from vocabulary_change where change_id = ?", [change]
        )
        _replace(store, "given_change", "had")
        store.con.execute("delete from vocabulary_change where change_id = ?", [change])
        _put_in_force(Runner(store.con, progress))
        return int(change)


def read_vocabulary(store: LogStore) -> pd.DataFrame:
    """The judgements: province_code, label, step, confidence, method, reviewed_by, reviewed_at."""
    return store.sql("select * from vocabulary order by label, province_code")


def vocabulary_changes(store: LogStore) -> pd.DataFrame:
    """The changes that can be undone, latest first: change_id, changed_at, lines."""
    return store.sql(
        "select change_id, any_value(changed_at) as changed_at, count(*) as lines from vocabulary_change "
        "group by 1 order by 1 desc"
    )


def _give(store: LogStore, frame: pd.DataFrame) -> None:
    store.con.execute("create or replace temp table given_vocabulary as select * from vocabulary where false")
    if len(frame):
        clean = frame.astype(object).where(frame.notna(), None)
        store.con.executemany("insert into given_vocabulary values (?, ?, ?, ?, ?, ?, ?)", clean.to_numpy().tolist())


def _replace(store: LogStore, table: str, present: str) -> None:
    store.con.execute(
        f"delete from vocabulary using {table} g where g.province_code = vocabulary.province_code "
        "and g.label = vocabulary.label"
    )
    store.con.execute(
        f"insert into vocabulary select province_code, label, {', '.join(_VALUES)} from {table} where {present}"
    )


def _put_in_force(run: Runner) -> None:
    con = run.con
    run.at("vocabulary", 0, 2)
    con.execute(
        "insert into activity select (select coalesce(max(activity_id), -1) from activity) + row_number() over "
        "(order by step), step from (select distinct step from vocabulary where reviewed_by is not null) new "
        "where not exists (select 1 from activity a where a.label = new.step)"
    )
    con.execute("delete from step_map")
    map_steps(run, "true")
    forget_unused(run)
    run.at("vocabulary", 1, 2)
    summary.rebuild(run)
    summary.quantiles(run)
    con.execute(
        "insert or replace into meta select 'vocabulary_version', (coalesce((select value::integer from meta "
        "where key = 'vocabulary_version'), 0) + 1)::varchar"
    )
    run.at("vocabulary", 2, 2)


def map_steps(run: Runner, part: str) -> None:
    """Add to `step_map` the pairs of organisation and activity in the events of `part` that it lacks."""
    if not run.one("select exists (select 1 from vocabulary where reviewed_by is not null)"):
        return
    reviewed = "from vocabulary where reviewed_by is not null and province_code"
    run.run(
        "insert into step_map select p.province_code, p.activity_id, s.activity_id from "
        f"(select distinct province_code, activity_id from event where {part}) p "
        "join activity l on l.activity_id = p.activity_id "
        f"left join (select * {reviewed} <> '{EVERYWHERE}') o on o.province_code = p.province_code and o.label = l.label "
        f"left join (select * {reviewed} = '{EVERYWHERE}') w on w.label = l.label "
        "join activity s on s.label = coalesce(o.step, w.step) where not exists (select 1 from step_map m "
        "where m.province_code = p.province_code and m.activity_id = p.activity_id)"
    )


def forget_unused(run: Runner) -> None:
    """Delete labels that no event has and no judgement names, and the pairs of `step_map` that are gone."""
    run.run(
        "delete from activity where activity_id not in (select distinct activity_id from event) "
        "and activity_id not in (select distinct activity_id from event_shadow) "
        "and label not in (select step from vocabulary where step is not null and reviewed_by is not null)"
    )
    if run.one("select exists (select 1 from step_map)"):
        run.run(
            "delete from step_map where not exists (select 1 from (select distinct province_code, activity_id "
            "from event) e where e.province_code = step_map.province_code and e.activity_id = step_map.activity_id)"
        )
