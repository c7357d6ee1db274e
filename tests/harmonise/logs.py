"""Logs of a few organisations for the tests of this room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd

from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining.model import VariantCounts
from workbench.mining.variants import ranked


def counts(text: str) -> VariantCounts:
    """Variants from "a b c x3, a c" : steps by spaces, a last xN is the number of dossiers."""
    found: Counter[tuple[str, ...]] = Counter()
    for part in text.split(","):
        words = part.split()
        times = int(words.pop()[1:]) if words and words[-1][0] == "x" and words[-1][1:].isdigit() else 1
        found[tuple(words)] += times
    return ranked(list(found.items()))


def logs(**texts: str) -> OrganisationLogs:
    """Logs per organisation."""
    return OrganisationLogs({name: counts(text) for name, text in texts.items()})


def traces(**texts: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The same as traces for `store_from`."""
    out = {}
    for name, text in texts.items():
        number = 0
        for variant, n in counts(text):
            for _ in range(n):
                number += 1
                out[name, f"{name}-{number}"] = variant
    return out


def closed_log(
    traces: dict[tuple[str, str], tuple[str, ...]], start: Callable[[str, int], datetime] | None = None
) -> dict[str, pd.DataFrame]:
    """Frames for `store_from`: events an hour apart, every dossier closed with its last event."""
    rows, dossiers = [], []
    for k, ((organisation, code), steps) in enumerate(traces.items()):
        first = start(organisation, k) if start else datetime(2024, 1, 2, 8)
        for place, label in enumerate(steps):
            rows.append((organisation, code, label, first + timedelta(hours=place), place))
        dossiers.append((organisation, code, "1.000001", first, first + timedelta(hours=len(steps))))
    names = ["province_code", "dossier_code", "label", "completed_at", "source_order"]
    heads = ["province_code", "dossier_code", "procedure_code", "accepted_at", "closed_at"]
    return {"events": pd.DataFrame(rows, columns=names), "dossiers": pd.DataFrame(dossiers, columns=heads)}
