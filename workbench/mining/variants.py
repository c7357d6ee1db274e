"""Variants: the sequences of steps dossiers follow, with how many follow each."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.mining.grouping import check_by
from workbench.mining.model import Variant, VariantCounts
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

_KEYS = ["province_code", "variant_key"]


@dataclass(frozen=True, slots=True)
class Variants(Result):
    """The variants of a selection, most frequent first, ties in label order."""

    table: pd.DataFrame
    """rank, variant (list of labels), steps, count, share, cumulative_share, organisations, and the median
    throughput in clock and working seconds; only the first rows when a limit was given."""
    n_variants: int
    """How many variants there are, whatever the limit."""
    without_events: int
    """Dossiers of the selection without any event; they follow no variant."""
    counts: VariantCounts
    """All variants with their numbers of dossiers, whatever the limit."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class Sequences:
    """The distinct sequences of a selection and which stored variants are which."""

    variants: tuple[Variant, ...]
    """In the order of first meeting; `rows.place` points into it."""
    rows: pd.DataFrame
    """province_code, variant_key, organisation, count, place: dossiers per stored variant, organisation, sequence."""
    by: str
    """The dossier column that is the organisation."""

    def counts(self, organisation: str | None = None) -> VariantCounts:
        """Variants with counts, of one organisation or of all."""
        rows = self.rows if organisation is None else self.rows[self.rows["organisation"] == organisation]
        total = rows.groupby("place")["count"].sum()
        return ranked([(self.variants[place], int(n)) for place, n in zip(total.index.tolist(), total, strict=True)])


def ranked(pairs: list[tuple[Variant, int]]) -> VariantCounts:
    """Pairs as VariantCounts: most frequent first, ties in label order."""
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def variants(store: LogStore, selection: Selection | None = None, *, limit: int | None = None) -> Variants:
    """The variants of the selected dossiers; `limit` bounds the table, not the counts."""
    chosen = selection or Selection()
    store.check(chosen)
    found = sequences(store, chosen)
    counts = found.counts()
    total = sum(n for _, n in counts)
    shown = counts if limit is None else counts[:limit]
    basis = store.basis(chosen)
    return Variants(
        table=_table(store, chosen, found, shown, total),
        n_variants=len(counts),
        without_events=basis.n_dossiers - total,
        counts=counts,
        basis=basis,
    )


def variant_counts(store: LogStore, selection: Selection | None = None) -> VariantCounts:
    """The variants with their numbers of dossiers, nothing else: the input of discovery and alignments."""
    return sequences(store, selection or Selection()).counts()


def variant_counts_by(
    store: LogStore, selection: Selection | None = None, *, by: str = "province_code"
) -> dict[str, VariantCounts]:
    """Variants with counts per organisation, in one query; organisations in code order.

    Dossiers without a value of `by` are left out.
    """
    found = sequences(store, selection or Selection(), by=by)
    total = found.rows.groupby(["organisation", "place"])["count"].sum().reset_index()
    return {
        str(name): ranked(
            [(found.variants[place], int(n)) for place, n in zip(part["place"], part["count"], strict=True)]
        )
        for name, part in total.groupby("organisation")
    }


def raw_variants(store: LogStore, selection: Selection) -> tuple[pd.DataFrame, dict[int, npt.NDArray[np.int32]]]:
    """The variants as the store keeps them, in local labels whatever the vocabulary.

    Returns rows of province_code, variant_key, count, and the activity ids of every variant key.
    """
    d = store.dossiers(selection)
    d = d.filter(d.variant_key.notnull(), d.event_count > 0)
    rows = store.fetch(d.group_by(_KEYS).aggregate(count=d.count()).order_by(_KEYS))
    return rows, _activities(store, d.select("variant_key").distinct())


def sequences(store: LogStore, selection: Selection, *, by: str = "province_code") -> Sequences:
    """The distinct sequences of steps and the dossiers behind them, by organisation.

    While a vocabulary is in force the local labels are replaced by steps before sequences are compared.
    """
    d = store.dossiers(selection)
    d = d.filter(d.variant_key.notnull(), d.event_count > 0).mutate(organisation=d[check_by(by)])
    grouped = d.group_by([*_KEYS, "organisation"]).aggregate(count=d.count())
    rows = store.fetch(grouped.order_by([*_KEYS, "organisation"]))
    ids = _activities(store, d.select("variant_key").distinct())
    maps = step_maps(store) if store.has_vocabulary() else {}
    places, distinct = _mapped_places(rows, ids, maps) if maps else _places(rows, ids)
    labels = store.labels()
    found = tuple(tuple(labels[item] for item in sequence) for sequence in distinct)
    return Sequences(found, rows.assign(place=places), by)


_Places = tuple[npt.NDArray[np.int64], list[tuple[int, ...]]]


def _places(rows: pd.DataFrame, ids: dict[int, npt.NDArray[np.int32]]) -> _Places:
    """Per row which sequence it is, and the distinct sequences; a stored variant is one sequence."""
    codes, keys = pd.factorize(rows["variant_key"])
    return codes.astype("int64"), [tuple(ids[key].tolist()) for key in keys.tolist()]


def _mapped_places(
    rows: pd.DataFrame, ids: dict[int, npt.NDArray[np.int32]], maps: dict[str, npt.NDArray[np.int32]]
) -> _Places:
    """The same while labels mean steps that differ between organisations, so that variants may fall together."""
    place_of: dict[tuple[int, ...], int] = {}
    places = []
    for province, key in zip(rows["province_code"], rows["variant_key"], strict=True):
        sequence = ids[key]
        if province in maps:
            sequence = maps[province][sequence]
        places.append(place_of.setdefault(tuple(sequence.tolist()), len(place_of)))
    return np.array(places, dtype="int64"), list(place_of)


def _activities(store: LogStore, keys: ir.Table) -> dict[int, npt.NDArray[np.int32]]:
    variant = store.table("variant")
    table = store.arrow(variant.semi_join(keys, "variant_key").select("variant_key", "activities"))
    if not table.num_rows:
        return {}
    lists = table["activities"].combine_chunks()
    flat = lists.flatten().to_numpy(zero_copy_only=False)
    ends = np.cumsum(lists.value_lengths().to_numpy(zero_copy_only=False))[:-1]
    return dict(zip(table["variant_key"].to_pylist(), np.split(flat, ends), strict=True))


def step_maps(store: LogStore) -> dict[str, npt.NDArray[np.int32]]:
    """Per organisation an array from activity id to step id."""
    rows = store.fetch(store.table("step_map").select("province_code", "activity_id", "step_id"))
    size = max(store.labels(), default=0) + 1
    out = {}
    for province, part in rows.groupby("province_code"):
        steps = np.arange(size, dtype=np.int32)
        steps[part["activity_id"].to_numpy()] = part["step_id"].to_numpy()
        out[str(province)] = steps
    return out


def _table(store: LogStore, selection: Selection, found: Sequences, shown: VariantCounts, total: int) -> pd.DataFrame:
    rank = {variant: place for place, (variant, _) in enumerate(shown, 1)}
    out = pd.DataFrame(
        {
            "rank": range(1, len(shown) + 1),
            "variant": [list(variant) for variant, _ in shown],
            "steps": [len(variant) for variant, _ in shown],
            "count": [n for _, n in shown],
        }
    )
    out["share"] = out["count"] / total if total else 0.0
    out["cumulative_share"] = out["share"].cumsum()
    ranks = found.rows["place"].map(dict(enumerate(rank.get(variant) for variant in found.variants)))
    keyed = found.rows[_KEYS].assign(rank=ranks).dropna().drop_duplicates().astype({"rank": "int64"})
    return out.merge(_durations(store, selection, keyed), on="rank", how="left")


def _durations(store: LogStore, selection: Selection, keyed: pd.DataFrame) -> pd.DataFrame:
    d = store.dossiers(selection)
    d = d.filter(d.event_count > 0).select(*_KEYS, "throughput_seconds", "throughput_working_seconds")
    joined = d.inner_join(
        ibis.memtable(
            keyed.rename(columns={"variant_key": "v_key", "province_code": "v_org"}),
            schema={"v_org": "string", "v_key": "int64", "rank": "int64"},
        ),
        [("province_code", "v_org"), ("variant_key", "v_key")],
    )
    return store.fetch(
        joined.group_by("rank").aggregate(
            organisations=joined.province_code.nunique(),
            median_seconds=joined.throughput_seconds.quantile(0.5),
            median_working_seconds=joined.throughput_working_seconds.quantile(0.5),
        )
    )
