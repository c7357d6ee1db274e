"""What recommendations cannot say about a log, and why."""

from __future__ import annotations

from workbench.harmonise.comparison.practice import Practices
from workbench.selection import Selection
from workbench.store import LogStore

ENOUGH_ORGANISATIONS = 3
"""Below, there is no middle organisation to hold the others against."""


def unsaid(
    store: LogStore, selection: Selection, practice: Practices, *, too_few: int, vocabulary: str
) -> tuple[str, ...]:
    """Codes of what cannot be said, texts under `harmonise.note.`; empty when everything can."""
    d = store.dossiers(selection)
    facts = (
        store.fetch(
            d.aggregate(
                n=d.count(),
                closed=d.closed_at.notnull().sum(),
                chains=(d.event_count > 1).sum(),
                tied=((d.event_count > 1) & (d.first_at == d.last_at)).sum(),
            )
        )
        .fillna(0)
        .iloc[0]
    )
    sizes = practice.organisations["dossiers"]
    taken = practice.steps.groupby("step")["organisation"].nunique()
    checks = {
        "no_dossiers": facts["n"] == 0,
        "all_open": facts["n"] > 0 and facts["closed"] == 0,
        "ties_only": facts["chains"] > 0 and facts["tied"] == facts["chains"],
        "one_organisation": len(sizes) == 1,
        "few_organisations": len(sizes) > 1 and int((sizes >= too_few).sum()) < ENOUGH_ORGANISATIONS,
        "few_cases": bool((sizes < too_few).any()),
        "no_shared_step": len(sizes) > 1 and not bool((taken > 1).any()),
        "unreviewed_vocabulary": vocabulary in ("proposed", "mixed"),
        "no_vocabulary": vocabulary == "labels",
    }
    return tuple(code for code, holds in checks.items() if holds)
