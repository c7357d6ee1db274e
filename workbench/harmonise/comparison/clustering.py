"""Groups of alike organisations, how stable they are, and who stands apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from workbench.harmonise.comparison.distances import NgramTable, control_flow
from workbench.progress import Progress, silent, track

Floats = NDArray[np.float64]
STRUCTURE = 0.25
"""Mean silhouette below which a clustering shows no structure (Kaufman and Rousseeuw 1990)."""
MOST_CLUSTERS = 10


@dataclass(frozen=True, slots=True)
class Clusters:
    """Hierarchical clusters (average linkage) of organisations by a distance."""

    labels: tuple[int, ...]
    """Cluster of each organisation, 1 the largest; all 1 when the distances show no structure."""
    silhouette: float | None
    """Mean silhouette of the chosen clusters; None for one cluster."""
    merges: pd.DataFrame
    """The dendrogram: left, right, distance, size; rows 0..n-1 are organisations, n is the first merge."""


def cluster(distance: Floats, *, n_clusters: int | None = None) -> Clusters:
    """Clusters of a distance matrix; their number is the one with the best silhouette, or one."""
    size = len(distance)
    if size < 3:
        only = [(0, 1, float(distance[0, 1]), 2)] if size == 2 else []
        return Clusters((1,) * size, None, pd.DataFrame(only, columns=_MERGES))
    tree = linkage(squareform(distance, checks=False), "average")
    merges = pd.DataFrame(tree, columns=_MERGES).astype({"left": int, "right": int, "size": int})
    if n_clusters is not None:
        labels = _numbered(fcluster(tree, n_clusters, "maxclust"))
        return Clusters(labels, silhouette(distance, np.array(labels)), merges)
    best: tuple[float, tuple[int, ...]] | None = None
    for wanted in range(2, min(MOST_CLUSTERS, size - 1) + 1):
        labels = _numbered(fcluster(tree, wanted, "maxclust"))
        value = silhouette(distance, np.array(labels))
        if value is not None and (best is None or value > best[0] + 1e-12):
            best = value, labels
    if best is None or best[0] < STRUCTURE:
        return Clusters((1,) * size, None, merges)
    return Clusters(best[1], best[0], merges)


_MERGES = ["left", "right", "distance", "size"]


def _numbered(raw: NDArray[np.int32]) -> tuple[int, ...]:
    """Cluster numbers by size, ties by first member."""
    values = raw.tolist()
    order = sorted(set(values), key=lambda value: (-values.count(value), values.index(value)))
    number = {value: place for place, value in enumerate(order, 1)}
    return tuple(number[value] for value in values)


def silhouette(distance: Floats, labels: NDArray[np.int64]) -> float | None:
    """Mean silhouette (Rousseeuw 1987); a member alone counts 0; None for fewer than two clusters."""
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return None
    member = labels[:, None] == kinds[None, :]
    sums = distance @ member
    sizes = member.sum(axis=0)
    own = member.argmax(axis=1)
    rows = np.arange(len(labels))
    alone = sizes[own] == 1
    inner = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    other = np.where(member, np.inf, sums / sizes).min(axis=1)
    widest = np.maximum(inner, other)
    value = np.where(alone | (widest == 0), 0.0, (other - inner) / np.where(widest == 0, 1, widest))
    return float(value.mean())


def stability(
    table: NgramTable, clusters: Clusters, *, repeats: int, seed: int, progress: Progress = silent
) -> pd.DataFrame:
    """Per cluster its size and mean best Jaccard similarity over bootstrap samples of dossiers.

    Dossiers are drawn again with replacement within every organisation and clustered into as many groups; 0.75
    and more is stable, below 0.5 dissolved (Hennig, C. (2007), Cluster-wise assessment of cluster stability).
    """
    labels = np.array(clusters.labels)
    kinds = sorted(set(clusters.labels))
    total = dict.fromkeys(kinds, 0.0)
    random = np.random.default_rng(seed)
    done = 0
    for _ in track(range(repeats if len(kinds) > 1 else 0), "bootstrap", progress, repeats):
        drawn = {}
        for name in table.logs.names:
            counts = table.logs.places[name][1]
            drawn[name] = random.multinomial(int(counts.sum()), counts / counts.sum())
        again = np.array(cluster(control_flow(table.frequencies(drawn)), n_clusters=len(kinds)).labels)
        for kind in kinds:
            total[kind] += max(_jaccard(labels == kind, again == other) for other in set(again.tolist()))
        done += 1
    return pd.DataFrame(
        {
            "cluster": kinds,
            "organisations": [int((labels == kind).sum()) for kind in kinds],
            "jaccard": [total[kind] / done if done else float("nan") for kind in kinds],
        }
    )


def _jaccard(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def medoid(distance: Floats) -> int:
    """The member with the least mean distance to the others, the first of equals."""
    return int(distance.mean(axis=1).round(12).argmin())


def outliers(distance: Floats, *, at_least: int = 5) -> list[int]:
    """Members whose mean distance to the others is above Tukey's fence, Q3 + 1.5 IQR; none among few members."""
    size = len(distance)
    if size < at_least:
        return []
    mean = distance.sum(axis=1) / (size - 1)
    low, high = np.quantile(mean, [0.25, 0.75])
    return [int(place) for place in np.flatnonzero(mean > high + 1.5 * (high - low) + 1e-12)]
