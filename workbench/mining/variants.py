"""Variants: the sequences of steps dossiers follow, with how many follow each."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.mining.grouping import check_by
from workbench.mining.model import Variant, VariantCounts
from workbench.results import Basis, Result, plain
from workbench.selection import Selection
from workbench.store import LogStore

_KEYS = ["province_code", "variant_key"]


@dataclass(frozen=True)
class Sequences:
    """The distinct sequences of a selection and which stored variants are which."""

    steps: npt.NDArray[np.int32]
    """The step ids of all sequences, one after the other."""
    ends: npt.NDArray[np.int64]
    """Where each sequence ends in `steps`."""
    labels: dict[int, str]
    rows: pd.DataFrame
    """variant_key, count, place, and where they were asked for province_code and organisation: dossiers per stored
    variant, organisation, sequence; `place` counts the sequences."""
    by: str
    """The dossier column that is the organisation, empty where none was asked for."""

    def variant(self, place: int) -> Variant:
        """The sequence at a place, in labels."""
        return tuple(self.labels[item] for item in self.steps[self._begins[place] : self.ends[place]].tolist())

    @functools.cached_property
    def variants(self) -> tuple[Variant, ...]:
        """All sequences, `rows.place` points into them."""
        return tuple(self.variant(place) for place in range(len(self.ends)))

    def counts(self, organisation: str | None = None) -> VariantCounts:
        """Variants with counts, of one organisation or of all."""
        rows = self.rows if organisation is None else self.rows[self.rows["organisation"] == organisation]
        total = rows.groupby("place")["count"].sum()
        return ranked([(self.variants[place], int(n)) for place, n in zip(total.index.tolist(), total, strict=True)])

    def most_frequent(self, limit: int | None = None) -> list[tuple[Variant, int, int]]:
        """Variant, dossiers and place of the most frequent ones, ties in label order."""
        total = self.rows.groupby("place")["count"].sum()
        if limit is not None and len(total) > limit:  # only those as frequent as the last one shown need their labels
            total = total[total >= total.nlargest(limit).iloc[-1]]
        found = [(self.variant(place), int(n), place) for place, n in zip(total.index.tolist(), total, strict=True)]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:limit]

    @functools.cached_property
    def _begins(self) -> npt.NDArray[np.int64]:
        return np.concatenate([np.zeros(1, dtype="int64"), self.ends[:-1]])


_Places = npt.NDArray[np.int64]
_Steps = npt.NDArray[np.int32]


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
    sequences: Sequences = field(repr=False)
    """All variants, as step ids."""
    basis: Basis

    @property
    def counts(self) -> VariantCounts:
        """All variants with their numbers of dossiers, whatever the limit."""
        return self.sequences.counts()

    def to_dict(self) -> dict[str, Any]:
        """The table and the counts as plain JSON-ready values."""
        names = ("table", "n_variants", "without_events", "counts", "basis")
        return {name: plain(getattr(self, name)) for name in names}


def ranked(pairs: list[tuple[Variant, int]]) -> VariantCounts:
    """Pairs as VariantCounts: most frequent first, ties in label order."""
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def variants(store: LogStore, selection: Selection | None = None, *, limit: int | None = None) -> Variants:
    """The variants of the selected dossiers; `limit` bounds the table, not the counts."""
    chosen = selection or Selection()
    store.check(chosen)
    found = sequences(store, chosen)
    total = int(found.rows["count"].sum())
    basis = store.basis(chosen)
    return Variants(
        table=_table(store, chosen, found, found.most_frequent(limit), total),
        n_variants=len(found.ends),
        without_events=basis.n_dossiers - total,
        sequences=found,
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
    rows, known, steps, ends = flat_variants(store, selection)
    return rows, dict(zip(known, np.split(steps, ends[:-1]), strict=True)) if known else {}


def flat_variants(store: LogStore, selection: Selection) -> tuple[pd.DataFrame, list[int], _Steps, _Places]:
    """As `raw_variants`, the activities one after the other: rows, the variant keys, their activities and where each ends.

    They are shared by the steps about one selection and never changed.
    """

    def make() -> tuple[pd.DataFrame, list[int], _Steps, _Places]:
        d = store.dossiers(selection)
        d = d.filter(d.variant_key.notnull(), d.event_count > 0)
        rows = store.fetch(d.group_by(_KEYS).aggregate(count=d.count()).order_by(_KEYS))
        return rows, *_stored(store, d.select("variant_key").distinct())

    return store.share(("flat variants", repr(selection)), make)


def sequences(store: LogStore, selection: Selection, *, by: str | None = None) -> Sequences:
    """The distinct sequences of steps and the dossiers behind them, by organisation where `by` names its column.

    While a vocabulary is in force the local labels are replaced by steps before sequences are compared.
    """
    maps = step_maps(store) if store.has_vocabulary() else {}
    if maps and by is None:  # a label means another thing in another province
        rows, known, steps, ends = flat_variants(store, selection)
    else:
        d = store.dossiers(selection)
        d = d.filter(d.variant_key.notnull(), d.event_count > 0)
        keys = ["variant_key"] if by is None else [*_KEYS, "organisation"]
        d = d if by is None else d.mutate(organisation=d[check_by(by)])
        rows = store.fetch(d.group_by(keys).aggregate(count=d.count()).order_by(keys))
        known, steps, ends = _stored(store, d.select("variant_key").distinct())
    place = pd.Index(known).get_indexer(pd.Index(rows["variant_key"])).astype("int64")
    if maps:
        place, steps, ends = _mapped(rows["province_code"].tolist(), place, steps, ends, maps)
    return Sequences(steps, ends, store.labels(), rows.assign(place=place), by or "")


def _mapped(
    provinces: list[str], places: _Places, steps: _Steps, ends: _Places, maps: dict[str, _Steps]
) -> tuple[_Places, _Steps, _Places]:
    """The same while labels mean steps that differ between organisations, so that variants may fall together."""
    row, activity = flat_rows(places, steps, ends)
    flat = map_steps(activity, row, provinces, maps).astype("int32").tobytes()
    stops = (np.bincount(row, minlength=len(places)).cumsum() * 4).tolist()
    place_of: dict[bytes, int] = {}
    out = [
        place_of.setdefault(flat[begin:end], len(place_of)) for begin, end in zip([0, *stops[:-1]], stops, strict=True)
    ]
    lengths = np.fromiter((len(one) // 4 for one in place_of), dtype="int64", count=len(place_of))
    return np.array(out, dtype="int64"), np.frombuffer(b"".join(place_of), dtype="int32"), np.cumsum(lengths)


def flat_rows(places: npt.NDArray[Any], activities: _Steps, ends: _Places) -> tuple[_Places, _Places]:
    """For every step of every row: the row and the activity. Rows name variants, which end at `ends`."""
    if not len(places):
        return np.array([], dtype="int64"), np.array([], dtype="int64")
    begins = np.concatenate([np.zeros(1, dtype="int64"), ends[:-1]])
    lengths = (ends - begins)[places]
    over = np.cumsum(lengths)
    row = np.repeat(np.arange(len(places)), lengths)
    return row, activities[np.arange(over[-1]) + (begins[places] - over + lengths)[row]].astype("int64")


def map_steps(step: _Places, row: _Places, provinces: list[str], maps: dict[str, _Steps]) -> _Places:
    """Activities as the steps their organisation means by them."""
    size = max(len(one) for one in maps.values())
    codes, names = pd.factorize(pd.Series(provinces, dtype="object"), use_na_sentinel=False)
    table = np.tile(np.arange(size, dtype="int64"), (len(names), 1))
    for place, name in enumerate(names):
        if name in maps:
            table[place] = maps[name]
    return table[codes[row], step]


def _stored(store: LogStore, keys: ir.Table) -> tuple[list[int], _Steps, _Places]:
    """The keys of stored variants, their activities one after the other, and where each ends."""
    variant = store.table("variant")
    table = store.arrow(variant.semi_join(keys, "variant_key").select("variant_key", "activities"))
    if not table.num_rows:
        return [], np.array([], dtype="int32"), np.array([], dtype="int64")
    lists = table["activities"].combine_chunks()
    flat = lists.flatten().to_numpy(zero_copy_only=False).astype("int32")
    ends = np.cumsum(lists.value_lengths().to_numpy(zero_copy_only=False)).astype("int64")
    return table["variant_key"].to_pylist(), flat, ends


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


def _table(
    store: LogStore, selection: Selection, found: Sequences, shown: list[tuple[Variant, int, int]], total: int
) -> pd.DataFrame:
    out = pd.DataFrame(
        {
            "rank": range(1, len(shown) + 1),
            "variant": [list(variant) for variant, _, _ in shown],
            "steps": [len(variant) for variant, _, _ in shown],
            "count": [n for _, n, _ in shown],
        }
    )
    out["share"] = out["count"] / total if total else 0.0
    out["cumulative_share"] = out["share"].cumsum()
    rank = {place: number for number, (_, _, place) in enumerate(shown, 1)}
    keys = [name for name in _KEYS if name in found.rows]
    keyed = found.rows[keys].assign(rank=found.rows["place"].map(rank)).dropna().drop_duplicates()
    return out.merge(_durations(store, selection, keyed.astype({"rank": "int64"})), on="rank", how="left")


def _durations(store: LogStore, selection: Selection, keyed: pd.DataFrame) -> pd.DataFrame:
    d = store.dossiers(selection)
    d = d.filter(d.event_count > 0).select(*_KEYS, "throughput_seconds", "throughput_working_seconds")
    keys = [name for name in _KEYS if name in keyed]
    types = {"province_code": "string", "variant_key": "int64"}
    shown = ibis.memtable(
        keyed.rename(columns={name: f"shown_{name}" for name in keys}),
        schema={**{f"shown_{name}": types[name] for name in keys}, "rank": "int64"},
    )
    joined = d.inner_join(shown, [(name, f"shown_{name}") for name in keys])
    return store.fetch(
        joined.group_by("rank").aggregate(
            organisations=joined.province_code.nunique(),
            median_seconds=joined.throughput_seconds.quantile(0.5),
            median_working_seconds=joined.throughput_working_seconds.quantile(0.5),
        )
    )
