"""Local step labels to canonical steps, by text and by behaviour, as proposals a person reviews.

Method: labels with the same normal form are one group. Groups are merged bottom-up by average similarity of text
(character n-grams) and behaviour (neighbours, place in the dossier, actor, status); two labels that one organisation
uses in the same dossiers are never merged. Neighbours are compared by cluster, so clustering is run again with the
clusters of the first round. A cluster is named after the published process's step it resembles, else after its most
used spelling with diacritics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.harmonise.vocabulary.vocabulary_behaviour import Usage, distributions, overlap, usage
from workbench.harmonise.vocabulary.vocabulary_relations import with_relations
from workbench.harmonise.vocabulary.vocabulary_text import (
    is_code,
    normal_form,
    numbers,
    strip_diacritics,
    text_similarity,
)
from workbench.results import Basis, Result, records
from workbench.selection import Selection
from workbench.store import LogStore

Matrix = NDArray[np.float64]
DECISIONS = (3, 5, 7, 8)
"""Statuses that decide: refused, supplement asked, withdrawn, stopped."""
SURELY_ONE, SURELY_ALL = 2.58, 1.96
"""Normal deviates of the lower bounds of one organisation's share (many are looked at) and of the share over all."""
MET_ONE, MET_ALL = 3, 5
"""Dossiers two labels must meet in, in one organisation and over all, before their meeting is more than chance."""
STAND_IN_AT = 0.42
"""Least similarity of two clusters that stand in for each other."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, and how alike two groups must be to merge."""

    text: float = 0.5
    context: float = 0.2
    position: float = 0.1
    actor: float = 0.12
    status: float = 0.08
    merge_at: float = 0.5
    together_share: float = 0.2
    """Two labels of one organisation are apart when they surely share at least this share of the rarer one's dossiers."""


@dataclass(frozen=True, slots=True)
class Vocabulary(Result):
    """Proposals for the labels of one selection."""

    proposals: pd.DataFrame
    """organisation, label, step, confidence, dossiers, text, behaviour (similarity to the step's other labels),
    other_step (the next best), method, relation and covers (see `workbench.harmonise.vocabulary.vocabulary_relations`)."""
    basis: Basis

    def rows(self) -> list[dict[str, object]]:
        """The proposals for `workbench vocabulary propose --json`."""
        return records(self.proposals[["organisation", "label", "step", "confidence"]])


def propose_vocabulary(
    store: LogStore, selection: Selection, *, known: Sequence[str] = (), weights: Weights | None = None
) -> Vocabulary:
    """Proposals mapping each organisation's labels to canonical steps; `known` are steps of a published process."""
    chosen = weights or Weights()
    groups = _Groups(usage(store, selection))
    if len(groups) == 0:
        return Vocabulary(groups.nothing(), store.basis(selection))
    text = text_similarity(groups.forms)
    clusters = np.arange(len(groups.forms))
    apart = groups.apart(chosen.together_share)
    similarity = text
    for _ in range(3):
        similarity = _combined(groups, text, clusters, chosen)
        found = _agglomerate(similarity, apart, chosen.merge_at)
        if np.array_equal(found, clusters):
            break
        clusters = found
    clusters = _join_complements(groups, clusters, similarity, apart)
    names = groups.names(clusters, known)
    proposals = groups.proposals(clusters, names, text, similarity)
    return Vocabulary(proposals=with_relations(proposals), basis=store.basis(selection))


_COLUMNS = [
    "organisation",
    "label",
    "dossiers",
    "step",
    "confidence",
    "text",
    "behaviour",
    "other_step",
    "method",
    "relation",
    "covers",
]


class _Groups:
    """Labels of all organisations with the same normal form, and how they are used."""

    def __init__(self, used: Usage) -> None:
        items = used.items.copy()
        items["form"] = [label if is_code(label) else normal_form(label) for label in items["label"]]
        self.forms: list[str] = sorted(items["form"].unique())
        number = {form: place for place, form in enumerate(self.forms)}
        items["group"] = items["form"].map(number)
        self.items = items
        self.used = used
        self._of = dict(zip(items["activity_id"], items["group"], strict=True))

    def __len__(self) -> int:
        return len(self.forms)

    def nothing(self) -> pd.DataFrame:
        return pd.DataFrame(columns=_COLUMNS)

    def grouped(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(group=frame["activity_id"].map(self._of))

    def fixed_evidence(self) -> dict[str, Matrix]:
        n = len(self)
        return {
            "position": overlap(distributions(self.grouped(self.used.positions), "group", "bin", n)),
            "actor": overlap(distributions(self.grouped(self.used.actors), "group", "actor", n)),
            "status": overlap(distributions(self.grouped(self.used.statuses), "group", "status", n)),
        }

    def context(self, clusters: NDArray[np.int64]) -> Matrix:
        """Overlap of predecessors and successors, named by cluster."""
        follows, n = self.used.follows, len(self)
        cluster_of = {-1: -1} | {activity: int(clusters[group]) for activity, group in self._of.items()}
        source, target = follows["source"].map(self._of), follows["target"].map(self._of)
        after = follows.assign(group=source, near=follows["target"].map(cluster_of)).dropna(subset=["group"])
        before = follows.assign(group=target, near=follows["source"].map(cluster_of)).dropna(subset=["group"])
        parts = [overlap(distributions(part, "group", "near", n)) for part in (after, before)]
        return (parts[0] + parts[1]) / 2

    def apart(self, share: float) -> NDArray[np.bool_]:
        """Pairs of groups used side by side in the same dossiers, in one organisation or over all of them.

        Two names of one step also meet where the step is passed twice. Hence the lower bound of the share of the rarer
        one's dossiers (Wilson) must be above `share` and above the share of the commoner one's passes that are in
        dossiers with two of them.
        """
        out = self._differently_numbered() | self._differently_decided()
        met = self._meetings()
        surely = _wilson_low(met["dossiers"], met["rarer"], SURELY_ONE) > np.maximum(share, met["twice"])
        surely &= met["dossiers"] >= MET_ONE
        total = met.groupby(["a", "b"], as_index=False)[["dossiers", "rarer", "repeats"]].sum()
        most = np.maximum(share, total["repeats"] / total["rarer"])
        overall = (_wilson_low(total["dossiers"], total["rarer"], SURELY_ALL) > most) & (total["dossiers"] >= MET_ALL)
        for pairs in (met[surely], total[overall]):
            first, second = pairs["a"].to_numpy(dtype=int), pairs["b"].to_numpy(dtype=int)
            out[first, second] = out[second, first] = True
        return out

    def _meetings(self) -> pd.DataFrame:
        """Labels of one organisation that meet in dossiers: a, b (groups), dossiers, rarer (dossiers of the rarer
        one), twice (share of the commoner one's passes in dossiers it passes twice), repeats (rarer times twice)."""
        keys = ["organisation", "activity_id"]
        use = self.items[[*keys, "group", "dossiers", "events"]]
        met = self.used.together.rename(columns={"dossiers": "both"})
        for side in ("first", "second"):
            own = use.rename(columns={name: f"{name}_{side}" for name in ("group", "dossiers", "events")})
            met = met.merge(own, left_on=["organisation", side], right_on=keys).drop(columns="activity_id")
        met = met[met["group_first"] != met["group_second"]]
        commoner = np.where(met["dossiers_first"] >= met["dossiers_second"], "first", "second")
        n, events = (
            np.where(commoner == "first", met[f"{name}_first"], met[f"{name}_second"])
            for name in ("dossiers", "events")
        )
        out = pd.DataFrame(
            {
                "a": np.minimum(met["group_first"], met["group_second"]),
                "b": np.maximum(met["group_first"], met["group_second"]),
                "dossiers": met["both"],
                "rarer": np.minimum(met["dossiers_first"], met["dossiers_second"]),
                "twice": np.minimum(1.0, 2.0 * (events - n) / events),
            }
        )
        return out.assign(repeats=out["rarer"] * out["twice"])

    def _differently_numbered(self) -> NDArray[np.bool_]:
        """Codes, and labels that speak of different numbers, are different steps whatever their letters."""
        code = np.array([is_code(form) for form in self.forms])
        spoken = np.array([hash(numbers(form)) for form in self.forms])
        several = code[:, None] | code[None, :] | (spoken[:, None] != spoken[None, :])
        np.fill_diagonal(several, False)
        return several

    def _differently_decided(self) -> NDArray[np.bool_]:
        """Steps that end in different decisions (refused, supplement, withdrawn, stopped, all else) are different."""
        frame = self.grouped(self.used.statuses)
        decided = frame.assign(decision=frame["status"].where(frame["status"].isin(DECISIONS), 0))
        totals = decided.groupby(["group", "decision"])["count"].sum().unstack(fill_value=0)
        main = totals.idxmax(axis=1).where(totals.max(axis=1) >= 0.6 * totals.sum(axis=1), -1)
        decision = main.reindex(range(len(self)), fill_value=-1).to_numpy()
        known = decision >= 0
        return (decision[:, None] != decision[None, :]) & known[:, None] & known[None, :]

    def cluster_shares(self, clusters: NDArray[np.int64]) -> pd.DataFrame:
        """Share of each organisation's dossiers with a label of each cluster: organisations x clusters."""
        total = self.used.organisations.set_index("organisation")["dossiers"]
        items = self.items.assign(cluster=clusters[self.items["group"]])
        wide = items.pivot_table(
            index="organisation", columns="cluster", values="dossiers", aggfunc="sum", fill_value=0
        )
        return wide.div(total.reindex(wide.index), axis=0).clip(upper=1.0)

    def names(self, clusters: NDArray[np.int64], known: Sequence[str]) -> dict[int, str]:
        names: dict[int, str] = {}
        for cluster in np.unique(clusters):
            rows = self.items[clusters[self.items["group"]] == cluster]
            names[int(cluster)] = _best_spelling(rows)
        return _rename_to_known(names, known)

    def proposals(
        self, clusters: NDArray[np.int64], names: dict[int, str], text: Matrix, similarity: Matrix
    ) -> pd.DataFrame:
        ids = np.unique(clusters)
        member = (clusters[:, None] == ids[None, :]).astype(float)
        near = similarity @ member / member.sum(axis=0)
        own_place = np.searchsorted(ids, clusters)
        own = near[np.arange(len(self)), own_place]
        others = near.copy()
        others[np.arange(len(self)), own_place] = -1.0
        second = others.argmax(axis=1)
        margin = own - np.maximum(others.max(axis=1), 0.0)
        confidence = 1.0 / (1.0 + np.exp(-8.0 * (margin - 0.1)))
        text_own = (text @ member / member.sum(axis=0))[np.arange(len(self)), own_place]
        group = self.items["group"].to_numpy()
        several = len(ids) > 1
        out = self.items[["organisation", "label", "dossiers"]].assign(
            step=[names[int(cluster)] for cluster in clusters[group]],
            confidence=confidence[group].round(4),
            text=text_own[group].round(4),
            behaviour=own[group].round(4),
            other_step=[names[int(ids[place])] if several else "" for place in second[group]],
            method="text+behaviour",
        )
        return out.sort_values(["organisation", "step", "label"], ignore_index=True)


def _wilson_low(hits: pd.Series, n: pd.Series, z: float) -> pd.Series:
    """Lower bound of a share (Wilson 1927)."""
    share = hits / n
    spread = np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (share + z**2 / (2 * n) - z * spread) / (1 + z**2 / n)


def _combined(groups: _Groups, text: Matrix, clusters: NDArray[np.int64], weights: Weights) -> Matrix:
    evidence = groups.fixed_evidence()
    return (
        weights.text * text
        + weights.context * groups.context(clusters)
        + weights.position * evidence["position"]
        + weights.actor * evidence["actor"]
        + weights.status * evidence["status"]
    )


def _agglomerate(similarity: Matrix, apart: NDArray[np.bool_], merge_at: float) -> NDArray[np.int64]:
    """Average-link clusters; a pair of clusters with any pair of groups apart never merges."""
    n = len(similarity)
    total = similarity.copy()
    size = np.ones(n)
    barred = apart.copy()
    np.fill_diagonal(barred, True)
    label = np.arange(n)
    while True:
        mean = np.where(barred, -1.0, total / np.outer(size, size))
        place = int(mean.argmax())
        a, b = divmod(place, n)
        if mean[a, b] < merge_at:
            return label
        total[a] += total[b]
        total[:, a] += total[:, b]
        size[a] += size[b]
        barred[a] |= barred[b]
        barred[:, a] |= barred[:, b]
        barred[b] = True
        barred[:, b] = True
        label[label == b] = a


def _join_complements(
    groups: _Groups, clusters: NDArray[np.int64], similarity: Matrix, apart: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Clusters that stand in for each other are one step: who uses the one does without the other.

    Two clusters are joined when they are fairly similar, never used side by side, and in the organisations that use the
    rarer one the dossiers with either of them are about as many as the dossiers with the commoner one elsewhere.
    """
    share = groups.cluster_shares(clusters)
    label = clusters.copy()
    ids = list(share.columns)
    member = (clusters[:, None] == np.array(ids)[None, :]).astype(float)
    near = member.T @ similarity @ member / np.outer(member.sum(axis=0), member.sum(axis=0))
    possible = np.triu((near >= STAND_IN_AT) & (member.T @ apart @ member == 0), 1)
    candidates = [
        (float(near[k, other]), ids[k], ids[other])
        for k, other in np.argwhere(possible)
        if _stands_in(share[ids[k]], share[ids[other]])
    ]
    for _, a, b in sorted(candidates, reverse=True):
        here, there = np.flatnonzero(label == label[clusters == a][0]), np.flatnonzero(label == label[clusters == b][0])
        if not apart[np.ix_(here, there)].any():
            label[there] = label[here[0]]
    return label


def _stands_in(first: pd.Series, second: pd.Series) -> bool:
    rare, common = (first, second) if (first > 0).sum() <= (second > 0).sum() else (second, first)
    users = rare > 0.02
    others = ~users & (common > 0)
    if users.sum() == 0 or others.sum() < 3:
        return False
    usual = float(common[others].median())
    together = (rare + common)[users]
    return usual > 0 and bool((np.abs(together - usual) <= 0.15 * usual + 0.05).mean() >= 0.8)


def _best_spelling(rows: pd.DataFrame) -> str:
    """The most used label, spellings with diacritics and without a step number first."""
    total = rows.groupby("label")["dossiers"].sum()
    organisations = rows.groupby("label")["organisation"].nunique()

    def rank(label: str) -> tuple[bool, bool, bool, int, int, str]:
        bare = strip_diacritics(label)
        marked = bare != label.casefold() and not label[:1].isdigit()
        in_full = normal_form(label) == bare
        spoken = not label.isupper() and label[:1].isupper()
        return (marked, in_full, spoken, int(organisations[label]), int(total[label]), label)

    return max((str(label) for label in total.index), key=rank)


def _rename_to_known(names: dict[int, str], known: Sequence[str]) -> dict[int, str]:
    if not known:
        return _distinct(names)
    clusters = list(names)
    similar = text_similarity([names[c] for c in clusters] + list(known))[: len(clusters), len(clusters) :]
    out, taken = dict(names), set()
    for place in np.argsort(-similar, axis=None, kind="stable"):
        row, column = divmod(int(place), len(known))
        if similar[row, column] < 0.8:
            break
        if clusters[row] in taken or known[column] in taken:
            continue
        out[clusters[row]] = known[column]
        taken |= {clusters[row], known[column]}
    return _distinct(out)


def _distinct(names: dict[int, str]) -> dict[int, str]:
    """Names made different where two clusters carry the same one."""
    seen: dict[str, int] = {}
    out: dict[int, str] = {}
    for cluster, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        out[cluster] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return out
