"""A vocabulary on trial: every answer of one handle as if the given judgements were in force, the file unchanged.

The trial shadows `activity` and `step_map` with temporary views of the connection, so it works read-only, ends with
the handle, and nobody else sees it. What the views show stays with the handle for the next trial of the same judgements:
pages ask many questions in the same step names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pandas as pd

from workbench.errors import StoreError
from workbench.store.log_store import LogStore
from workbench.store.vocabulary import EVERYWHERE, Judgement

_SHADOWED = ("activity", "step_map")


@contextmanager
def trying(store: LogStore, rows: Iterable[Judgement]) -> Iterator[None]:
    """Inside, the steps of `store` are those of `rows` on top of the vocabulary in force.

    A line of `rows` beats the line in force for the same organisation and label. Raises StoreError inside another trial.
    """
    if store.trial:
        raise StoreError("A vocabulary is already on trial.", fix="End that trial first.")
    asked = (tuple(rows), store.version())
    if store.tried is None or store.tried[0] != asked:
        store.tried = None
        store.tried = asked, _prepared(store, asked[0])
    for name in _SHADOWED:
        store.con.execute(f"create or replace temp view {name} as select * from temp.tried_{name}")
    store.trial = store.tried[1]
    try:
        yield
    finally:
        store.trial = None
        for name in _SHADOWED:
            store.con.execute(f"drop view if exists temp.{name}")


def _prepared(store: LogStore, rows: tuple[Judgement, ...]) -> str:
    """Make the tables of a trial and return its key."""
    frame = pd.DataFrame(
        [(row.province_code, row.label, row.step) for row in rows], columns=["province", "label", "step"]
    )
    frame = frame.dropna(subset=["step"]).drop_duplicates(["province", "label"], keep="last").reset_index(drop=True)
    _fill(store, frame)
    return hashlib.sha256(frame.to_csv().encode()).hexdigest()[:12]


def _fill(store: LogStore, frame: pd.DataFrame) -> None:
    con = store.con
    con.register("tried_rows", frame.astype("object"))
    try:
        con.execute(
            "create or replace temp table tried as select province::varchar as province, label::varchar as label, "
            "step::varchar as step from tried_rows"
        )
    finally:
        con.unregister("tried_rows")
    con.execute(
        "create or replace temp table tried_activity as select * from main.activity union all "
        "select (select coalesce(max(activity_id), -1) from main.activity)::integer + row_number() over (order by step)::integer, "
        "step from (select distinct step from tried) n where step not in (select label from main.activity)"
    )
    everywhere = f"province = '{EVERYWHERE}'"
    con.execute(
        "create or replace temp table tried_step_map as with everyone as (" + store.organisations + "), "
        "given as (select province as province_code, label, step, 0 as rank from tried where not " + everywhere + " "
        "union all select o.province_code, t.label, t.step, 1 from tried t cross join everyone o where t."
        + everywhere
        + "), "
        "mapped as (select g.province_code, l.activity_id, s.activity_id as step_id, g.rank from given g "
        "join main.activity l on l.label = g.label join temp.tried_activity s on s.label = g.step "
        "union all select province_code, activity_id, step_id, 2 from main.step_map) "
        "select province_code, activity_id, arg_min(step_id, rank) as step_id from mapped group by all"
    )
    con.execute("drop table tried")
