"""A vocabulary on trial: every answer of one handle as if the given judgements were in force, the file unchanged.

The trial shadows `activity` and `step_map` with temporary tables of the connection, so it works read-only, ends with
the handle, and nobody else sees it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pandas as pd

from workbench.errors import StoreError
from workbench.store.log_store import LogStore
from workbench.store.vocabulary import EVERYWHERE, Judgement


@contextmanager
def trying(store: LogStore, rows: Iterable[Judgement]) -> Iterator[None]:
    """Inside, the steps of `store` are those of `rows` on top of the vocabulary in force.

    A line of `rows` beats the line in force for the same organisation and label. Raises StoreError inside another trial.
    """
    if store.trial:
        raise StoreError("A vocabulary is already on trial.", fix="End that trial first.")
    frame = pd.DataFrame(
        [(row.province_code, row.label, row.step) for row in rows], columns=["province", "label", "step"]
    )
    frame = frame.dropna(subset=["step"]).drop_duplicates(["province", "label"], keep="last").reset_index(drop=True)
    _shadow(store, frame)
    store.trial = hashlib.sha256(frame.to_csv().encode()).hexdigest()[:12]
    try:
        yield
    finally:
        store.trial = None
        store.con.execute("drop table if exists temp.step_map")
        store.con.execute("drop table if exists temp.activity")


def _shadow(store: LogStore, frame: pd.DataFrame) -> None:
    con = store.con
    con.register("tried_rows", frame.astype("object"))
    try:
        con.execute(
            "create temp table tried as select province::varchar as province, label::varchar as label, "
            "step::varchar as step from tried_rows"
        )
    finally:
        con.unregister("tried_rows")
    con.execute(
        "create temp table activity as select * from main.activity union all "
        "select (select coalesce(max(activity_id), -1) from main.activity)::integer + row_number() over (order by step)::integer, "
        "step from (select distinct step from tried) n where step not in (select label from main.activity)"
    )
    con.execute(
        "create temp table step_map as with pair as (" + store.label_pairs + ") "
        "select p.province_code, p.activity_id, coalesce(s.activity_id, m.step_id) as step_id from pair p "
        "join main.activity l on l.activity_id = p.activity_id "
        f"left join (select * from tried where province <> '{EVERYWHERE}') o "
        "on o.province = p.province_code and o.label = l.label "
        f"left join (select * from tried where province = '{EVERYWHERE}') w on w.label = l.label "
        "left join activity s on s.label = coalesce(o.step, w.step) "
        "left join main.step_map m on m.province_code = p.province_code and m.activity_id = p.activity_id "
        "where coalesce(s.activity_id, m.step_id) is not null"
    )
    con.execute("drop table tried")
