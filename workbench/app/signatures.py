"""Signatures and approvals: how many a dossier needs, and how long it waits for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from workbench.mining.grouping import events_by
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

WORDS = ("ký", "duyệt", "phê chuẩn", "sign", "approv")
"""A step whose name has one of these words, at the beginning of a word, is a signature or an approval."""
_PATTERN = re.compile(r"(?<!\w)(?:" + "|".join(WORDS) + ")", re.IGNORECASE)
_NOT = re.compile(r"đăng ký|ký gửi|chữ ký số hết hạn", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signatures(Result):
    """Signatures by organisation and by step."""

    organisations: pd.DataFrame
    """organisation, dossiers, per_dossier (mean number of signatures), seconds (mean time before them together, a dossier;
    working time where known), too_few. Most signatures first."""
    steps: tuple[str, ...]
    """The steps taken for signatures."""
    working: bool
    basis: Basis


def is_signature(step: str) -> bool:
    """Whether a step's name says that somebody signs or approves."""
    return _PATTERN.search(_NOT.sub("", step)) is not None


def signatures(store: LogStore, selection: Selection, *, by: str, too_few: int = 30) -> Signatures:
    """Signatures of the selected dossiers per organisation."""
    labels = store.labels()
    wanted = [key for key, label in labels.items() if is_signature(label)]
    events = events_by(store, selection, by)
    working = bool(store.scalar("select exists (select 1 from dossier where throughput_working_seconds is not null)"))
    gap = events["gap_working_seconds" if working else "gap_seconds"]
    signed = events.step_id.isin(wanted) if wanted else events.step_id.isnull()
    awaited = events.next_step_id.isin(wanted) if wanted else events.step_id.isnull()
    grouped = events.filter(events.organisation.notnull()).group_by(organisation=events.organisation.cast("string"))
    table = store.fetch(
        grouped.aggregate(
            dossiers=events.dossier_key.nunique(),
            signed=signed.fill_null(False).cast("int64").sum(),
            seconds=awaited.fill_null(False).ifelse(gap, 0).fill_null(0).cast("float64").sum(),
            steps=events.step_id.nunique(),
        )
    )
    table = table.assign(
        per_dossier=table["signed"] / table["dossiers"],
        seconds=table["seconds"] / table["dossiers"],
        too_few=table["dossiers"] < too_few,
    )
    present = set(store.fetch(events.filter(signed.fill_null(False)).select("step_id").distinct())["step_id"])
    names = tuple(sorted(labels[key] for key in wanted if key in present))
    order = table.sort_values(["per_dossier", "organisation"], ascending=[False, True], ignore_index=True)
    columns = ["organisation", "dossiers", "per_dossier", "seconds", "too_few"]
    return Signatures(order[columns], names, working, store.basis(selection))
