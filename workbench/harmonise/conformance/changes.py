"""What an organisation must change to work by a model, read from the alignment of its log.

A dossier must drop a step when an event of it has no place in the model, add one when the model requires a step the
dossier lacks, and move one when both hold for the same step of the same dossier.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import pandas as pd

from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining.alignments import Alignments, Move

Action = Literal["add", "drop", "move"]
ACTIONS: tuple[Action, ...] = ("drop", "move", "add")
COLUMNS = ("organisation", "action", "step", "after", "share", "dossiers", "of_dossiers", "listed")
LISTED = 0.1
"""Share of an organisation's dossiers from which a change is one the organisation must make."""


def changes(logs: OrganisationLogs, found: Alignments, *, listed: float = LISTED) -> pd.DataFrame:
    """Per organisation the steps to drop, move and add, most dossiers first.

    `after` is the step the model has before the place of an added or moved step, most often; `share` the share of
    the organisation's aligned dossiers concerned; `listed` whether it reaches the share `listed`. The order of
    organisations is that of the logs.
    """
    per_variant = [None if moves is None else _of(moves) for moves in found.moves]
    rows = []
    for name in logs.names:
        places, counts = logs.places[name]
        dossiers: Counter[tuple[Action, str]] = Counter()
        where: dict[tuple[Action, str], Counter[str]] = {}
        total = 0
        for place, count in zip(places.tolist(), counts.tolist(), strict=True):
            items = per_variant[place]
            if items is None:
                continue
            total += count
            for key, after in items.items():
                dossiers[key] += count
                where.setdefault(key, Counter())[after] += count
        ordered = sorted(dossiers, key=lambda key: (-dossiers[key], ACTIONS.index(key[0]), key[1]))
        for key in ordered:
            action, step = key
            after = None if action == "drop" else min(where[key], key=lambda one: (-where[key][one], one))
            share = dossiers[key] / total
            rows.append((name, action, step, after or None, share, dossiers[key], total, share >= listed))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"listed": bool})


def _of(moves: tuple[Move, ...]) -> dict[tuple[Action, str], str]:
    """Changes of one variant, each with the model's step before its place ("" at the start)."""
    extra = {move.step for move in moves if move.kind == "log"}
    missing: dict[str, str] = {}
    before = ""
    for move in moves:
        if move.kind == "model":
            missing.setdefault(move.step, before)
        if move.kind != "log":
            before = move.step
    out: dict[tuple[Action, str], str] = {}
    for step in sorted(extra | set(missing)):
        if step in extra and step in missing:
            out["move", step] = missing[step]
        elif step in extra:
            out["drop", step] = ""
        else:
            out["add", step] = missing[step]
    return out


def numbers(table: pd.DataFrame, logs: OrganisationLogs) -> pd.DataFrame:
    """How many listed changes of each kind every organisation must make: organisation, add, drop, move, changes."""
    listed = table[table["listed"]]
    out = pd.DataFrame({"organisation": logs.names})
    for action in ("add", "drop", "move"):
        found = listed[listed["action"] == action].groupby("organisation").size()
        out[action] = out["organisation"].map(found).fillna(0).astype(int)
    out["changes"] = out["add"] + out["drop"] + out["move"]
    return out
