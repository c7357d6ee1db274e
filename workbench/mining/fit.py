"""What alignments say of each organisation, and whether a net can be aligned with at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import ModelError
from workbench.mining.alignments import Alignments
from workbench.mining.model import PetriNet
from workbench.mining.pm4py_door import Soundness, prove_soundness
from workbench.mining.variants import Sequences


def alignable(net: PetriNet) -> Soundness:
    """What is known of the net; one whose branches pile up without end cannot be searched for alignments."""
    soundness = prove_soundness(net)
    if soundness.reason == "unbounded":
        raise ModelError(
            "The model is unsound: a branch can pile up without end, so alignments cannot be searched.",
            fix="Join every parallel branch, or discover the model with another algorithm.",
            reason=soundness.reason,
        )
    return soundness


def organisation_fit(found: Sequences, aligned: Alignments | None) -> pd.DataFrame:
    """Per organisation (index): dossiers, variants, fitness, perfect_share, not_aligned.

    Each variant was aligned once; its cost counts in every organisation in which it occurs, with its dossiers there.
    Without alignments fitness and perfect_share are empty.
    """
    cost = np.full(len(found.variants), np.nan)
    if aligned is not None:
        place_of = {variant: place for place, variant in enumerate(found.variants)}
        for (variant, _), value in zip(aligned.counts, aligned.costs, strict=True):
            cost[place_of[variant]] = np.nan if value is None else value
    shortest = 0 if aligned is None else aligned.shortest
    worst = np.array([len(variant) + shortest for variant in found.variants], dtype="float64")
    rows = found.rows.groupby(["organisation", "place"])["count"].sum().reset_index()
    places, n = rows["place"].to_numpy(), rows["count"].to_numpy()
    known = ~np.isnan(cost[places])
    rows["cost"] = np.where(known, cost[places] * n, 0.0)
    rows["worst"] = np.where(known, worst[places] * n, 0.0)
    rows["known"] = np.where(known, n, 0)
    rows["perfect"] = np.where(cost[places] == 0, n, 0)
    grouped = rows.groupby("organisation")
    sums = grouped[["count", "cost", "worst", "known", "perfect"]].sum()
    out = pd.DataFrame({"dossiers": sums["count"], "variants": grouped["place"].nunique()})
    out["fitness"] = (1 - sums["cost"] / sums["worst"]).where(sums["worst"] > 0)
    out["perfect_share"] = (sums["perfect"] / sums["known"]).where(sums["known"] > 0)
    out["not_aligned"] = sums["count"] - sums["known"]
    return out
