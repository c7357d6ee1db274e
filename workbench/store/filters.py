"""Selections as Ibis expressions."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from workbench.selection import Selection

if TYPE_CHECKING:
    from workbench.store.log_store import LogStore

DOSSIER_LISTS = {
    "provinces": "province_code",
    "provinces_2025": "province_2025",
    "agencies": "agency_code",
    "levels": "level",
    "channels": "channel",
    "service_levels": "service_level",
    "applicant_types": "applicant_type",
    "variants_of_procedure": "procedure_variant",
    "outcomes": "outcome",
}
"""Field of a selection to the dossier's column it lists values of."""


def dossiers(store: LogStore, selection: Selection) -> ir.Table:
    """The dossier rows of a selection."""
    table = store.table("dossier")
    conditions = []
    if selection.procedure is not None:
        conditions.append(table.procedure_code == selection.procedure)
    for field, column in DOSSIER_LISTS.items():
        values = getattr(selection, field)
        if values:
            conditions.append(table[column].isin(list(values)))
    if selection.start is not None:
        conditions.append(table.received_at >= ibis.literal(datetime.combine(selection.start, time.min)))
    if selection.end is not None:
        after = datetime.combine(selection.end + timedelta(days=1), time.min)
        conditions.append(table.received_at < ibis.literal(after))
    if selection.closed is not None:
        conditions.append(table.closed_at.notnull() if selection.closed else table.closed_at.isnull())
    if selection.units:
        event = _within(store.table("event"), selection)
        conditions.append(table.dossier_key.isin(event.filter(event.unit.isin(list(selection.units))).dossier_key))
    if selection.steps:
        step = _within(store.table("event"), selection)
        step = _with_steps(store, step) if store.has_vocabulary() else step.mutate(step_id=step.activity_id)
        label = store.table("activity")
        ids = label.filter(label.label.isin(list(selection.steps))).activity_id
        conditions.append(table.dossier_key.isin(step.filter(step.step_id.isin(ids)).dossier_key))
    return table.filter(*conditions) if conditions else table


def events(store: LogStore, selection: Selection, *, steps: bool, every: int = 1) -> ir.Table:
    """The chained event rows of a selection, with step ids; of every k-th dossier when `every` is k."""
    chosen = _each(_within(store.table("event"), selection), every)
    rest = selection.with_(procedure=None, provinces=())
    if rest != Selection():
        chosen = chosen.filter(chosen.dossier_key.isin(_each(dossiers(store, selection), every).dossier_key))
    if steps and store.has_vocabulary():
        return _with_steps(store, chosen)
    return chosen.mutate(step_id=chosen.activity_id, next_step_id=chosen.next_activity_id)


def _each(table: ir.Table, every: int) -> ir.Table:
    """Every k-th dossier; keys of one load run by procedure, organisation and receipt."""
    return table if every == 1 else table.filter(table.dossier_key % every == 0)


def _within(event: ir.Table, selection: Selection) -> ir.Table:
    """The chained events of the procedure and the organisations, read alone thanks to the table's order."""
    conditions = [event.position.notnull()]
    if selection.procedure is not None:
        conditions.append(event.procedure_code == selection.procedure)
    if selection.provinces:
        conditions.append(event.province_code.isin(list(selection.provinces)))
    return event.filter(*conditions)


def _with_steps(store: LogStore, table: ir.Table) -> ir.Table:
    here = store.table("step_map").rename(m_province="province_code", m_activity="activity_id", m_step="step_id")
    there = here.rename(n_province="m_province", n_activity="m_activity", n_step="m_step")
    joined = table.left_join(here, [table.province_code == here.m_province, table.activity_id == here.m_activity])
    joined = joined.left_join(
        there, [joined.province_code == there.n_province, joined.next_activity_id == there.n_activity]
    )
    out = joined.mutate(
        step_id=ibis.coalesce(joined.m_step, joined.activity_id),
        next_step_id=ibis.coalesce(joined.n_step, joined.next_activity_id),
    )
    return out.drop("m_province", "m_activity", "m_step", "n_province", "n_activity", "n_step")
