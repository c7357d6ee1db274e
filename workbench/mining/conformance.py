"""Conformance: where the dossiers of a selection leave a model, by alignments in which every event counts.

Token replay is not used: it passes over events whose step the model lacks, which flatters a model on the log of
another organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import pandas as pd

from workbench.errors import ModelError
from workbench.mining.alignments import Alignments, align, f_score, precision
from workbench.mining.deadlines import published_breaches, recorded_breaches
from workbench.mining.deviations import KINDS, deviations
from workbench.mining.fit import alignable, organisation_fit
from workbench.mining.internal_process import match_steps, process_model
from workbench.mining.model import Bpmn, PetriNet
from workbench.mining.pm4py_door import Soundness, to_petri
from workbench.mining.variants import Sequences, sequences
from workbench.progress import Progress, silent
from workbench.reference.processes import InternalProcess
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

Model = Bpmn | PetriNet | InternalProcess


@dataclass(frozen=True, slots=True)
class Conformance(Result):
    """How a selection conforms to a model."""

    fitness: float | None
    """Log fitness: 1 - cost of the alignments / worst-case cost; None when no dossier could be aligned."""
    precision: float | None
    """Share of what the model allows that the log shows, by escaping edges of the aligned runs."""
    f: float | None
    perfect_share: float | None
    """Share of dossiers that follow the model exactly."""
    steps: pd.DataFrame
    """Per step of the model or the log: in_model, dossiers that have it, and the dossiers in which it is skipped,
    extra, repeated or out of order."""
    deviations: pd.DataFrame
    """Per kind and step: dossiers, their share, times, organisations. Most dossiers first."""
    organisations: pd.DataFrame
    """Per organisation: dossiers, fitness, perfect_share and the dossiers with a deviation of each kind."""
    by_organisation: pd.DataFrame
    """Per organisation, kind and step: dossiers and their share of the organisation's."""
    breaches: pd.DataFrame
    """Per organisation and step: events with a deadline, breaches and their share; rule says which deadline:
    recorded with the event, or published in the internal process."""
    examples: pd.DataFrame
    """A few dossiers of every deviation: kind, step, organisation, dossier_code."""
    soundness: Soundness
    not_aligned: int
    """Dossiers whose alignment reached the time limit; they are in none of the figures above."""
    fitness_bounds: tuple[float, float] | None
    """Fitness if those dossiers were the worst possible, and if they fitted perfectly."""
    matched: dict[str, str]
    """Published step names and the log's steps they were taken for; empty for other models."""
    unmatched: tuple[str, ...]
    """Published steps for which the log has none; every dossier skips them."""
    without_end: int
    """Dossiers without an end of processing: what they have not reached yet counts as skipped."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is held against what."""

    store: LogStore
    selection: Selection
    found: Sequences
    net: PetriNet
    published: InternalProcess | None
    """The model as it was published, when it is an internal process."""
    matched: dict[str, str]


def check_conformance(
    store: LogStore,
    selection: Selection | None,
    model: Model,
    *,
    by: str = "province_code",
    labels: Mapping[str, str] | None = None,
    examples: int = 10,
    seconds: float = 10.0,
    progress: Progress = silent,
) -> Conformance:
    """The selected dossiers against a discovered, imported or published model.

    `labels` names the log's step for published step names; without it `match_steps` proposes. `examples` dossiers
    are listed per deviation, `seconds` limits the search for one alignment. Raises ModelError when the log and the
    model share no step, and for an unbounded model.
    """
    chosen = selection or Selection()
    store.check(chosen)
    asked = _asked(store, chosen, model, by=by, labels=labels)
    soundness = alignable(asked.net)
    aligned = align(asked.net, asked.found.counts(), seconds=seconds, progress=progress)
    return _conformance(asked, soundness, aligned, examples)


def _conformance(asked: _Asked, soundness: Soundness, aligned: Alignments, examples: int) -> Conformance:
    """What the alignments say of the selection, and what the model's deadlines say."""
    found, net = asked.found, asked.net
    table = _deviation_table(found, aligned, frozenset(net.steps))
    exact = precision(aligned)
    return Conformance(
        fitness=aligned.fitness,
        precision=exact,
        f=f_score(aligned.fitness, exact),
        perfect_share=aligned.perfect_share,
        steps=_steps(table, found, net),
        deviations=_deviations(table, found),
        organisations=_organisations(table, found, aligned),
        by_organisation=_by_organisation(table, found),
        breaches=_breaches(asked),
        examples=_examples(asked, table, examples),
        soundness=soundness,
        not_aligned=aligned.n_limited,
        fitness_bounds=aligned.fitness_bounds,
        matched=asked.matched,
        unmatched=_unmatched(asked),
        without_end=_without_end(asked),
        basis=asked.store.basis(asked.selection),
    )


def deviating_dossiers(
    store: LogStore,
    selection: Selection,
    model: Model,
    *,
    kind: str,
    step: str,
    limit: int = 1000,
    by: str = "province_code",
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The dossiers with one deviation: organisation, dossier_code, in code order."""
    asked = _asked(store, selection, model, by=by, labels=labels)
    table = _deviation_table(asked.found, align(asked.net, asked.found.counts()), frozenset(asked.net.steps))
    wanted = table[(table["kind"] == kind) & (table["step"] == step)]
    return _examples(asked, wanted, limit)[["organisation", "dossier_code"]]


def _asked(store: LogStore, selection: Selection, model: Model, *, by: str, labels: Mapping[str, str] | None) -> _Asked:
    """The sequences of the selection and the model as a net; ModelError when they share no step."""
    found = sequences(store, selection, by=by)
    published = model if isinstance(model, InternalProcess) else None
    matched: dict[str, str] = {}
    if isinstance(model, InternalProcess):
        matched = dict(labels) if labels is not None else match_steps(model, _steps_of(found))
        model = process_model(model, labels=matched)
    net = to_petri(model) if isinstance(model, Bpmn) else model
    _check_shared(found, net)
    return _Asked(store, selection, found, net, published, matched)


def _breaches(asked: _Asked) -> pd.DataFrame:
    store, selection, by = asked.store, asked.selection, asked.found.by
    parts = [recorded_breaches(store, selection, by=by)]
    if asked.published is not None:
        parts.append(published_breaches(store, selection, asked.published, asked.matched, by=by))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _unmatched(asked: _Asked) -> tuple[str, ...]:
    if asked.published is None:
        return ()
    have = _steps_of(asked.found)
    names = (step.name for step in asked.published.steps)
    return tuple(name for name in names if asked.matched.get(name, name) not in have)


def _without_end(asked: _Asked) -> int:
    d = asked.store.dossiers(asked.selection)
    return int(asked.store.fetch(d.aggregate(n=d.count() - d.closed_at.count())).iloc[0]["n"])


def _steps_of(found: Sequences) -> set[str]:
    return {step for variant in found.variants for step in variant}


def _check_shared(found: Sequences, net: PetriNet) -> None:
    have = _steps_of(found)
    if have and not have & set(net.steps):
        raise ModelError(
            f"The model and the log share no step: the model has {_some(net.steps)}, the log {_some(sorted(have))}.",
            fix="Give the names of the log's steps, or put a vocabulary in force.",
            model_steps=list(net.steps),
            log_steps=sorted(have),
        )


def _some(names: object) -> str:
    listed = [str(name) for name in names]  # type: ignore[attr-defined]
    return ", ".join(repr(name) for name in listed[:5]) + (", …" if len(listed) > 5 else "")


def _deviation_table(found: Sequences, aligned: Alignments, known: frozenset[str]) -> pd.DataFrame:
    """One row per sequence, kind and step: place, kind, step, times."""
    place_of = {variant: place for place, variant in enumerate(found.variants)}
    rows = []
    for (variant, _), moves in zip(aligned.counts, aligned.moves, strict=True):
        if moves is not None:
            for (kind, step), times in deviations(moves, known).items():
                rows.append((place_of[variant], kind, step, times))
    return pd.DataFrame(rows, columns=["place", "kind", "step", "times"]).astype({"place": "int64", "times": "int64"})


def _weighted(table: pd.DataFrame, found: Sequences) -> pd.DataFrame:
    """The deviation table with organisation and count of dossiers."""
    rows = found.rows.groupby(["organisation", "place"], dropna=False)["count"].sum().reset_index()
    return table.merge(rows, on="place")


def _deviations(table: pd.DataFrame, found: Sequences) -> pd.DataFrame:
    rows = _weighted(table, found)
    rows["times"] = rows["times"] * rows["count"]
    grouped = rows.groupby(["kind", "step"])
    out = grouped.agg(dossiers=("count", "sum"), times=("times", "sum"), organisations=("organisation", "nunique"))
    out = out.reset_index()
    total = found.rows["count"].sum()
    out.insert(3, "share", out["dossiers"] / total if total else 0.0)
    order = ["dossiers", "kind", "step"]
    return out.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _by_organisation(table: pd.DataFrame, found: Sequences) -> pd.DataFrame:
    rows = _weighted(table, found)
    out = rows.groupby(["organisation", "kind", "step"])["count"].sum().rename("dossiers").reset_index()
    total = found.rows.groupby("organisation")["count"].sum()
    out["share"] = out["dossiers"] / out["organisation"].map(total).astype("float64")
    order = ["organisation", "dossiers", "kind", "step"]
    return out.sort_values(order, ascending=[True, False, True, True]).reset_index(drop=True)


def _steps(table: pd.DataFrame, found: Sequences, net: PetriNet) -> pd.DataFrame:
    weight = found.rows.groupby("place")["count"].sum()
    having: dict[str, int] = {}
    for place, variant in enumerate(found.variants):
        for step in set(variant):
            having[step] = having.get(step, 0) + int(weight[place])
    steps = [*net.steps, *sorted(set(having) - set(net.steps))]
    out = pd.DataFrame({"step": steps})
    out["in_model"] = out["step"].isin(net.steps)
    out["dossiers"] = [having.get(step, 0) for step in steps]
    rows = _weighted(table, found).groupby(["kind", "step"])["count"].sum()
    for kind in KINDS:
        out[kind] = [int(rows.get((kind, step), 0)) for step in steps]
    return out


def _organisations(table: pd.DataFrame, found: Sequences, aligned: Alignments) -> pd.DataFrame:
    out = organisation_fit(found, aligned)[["dossiers", "fitness", "perfect_share"]].copy()
    once = _weighted(table.drop_duplicates(["place", "kind"]), found)
    kinds = once.pivot_table(index="organisation", columns="kind", values="count", aggfunc="sum", fill_value=0)
    for kind in KINDS:
        column = kinds[kind] if kind in kinds else pd.Series(dtype="int64")
        out[kind] = column.reindex(out.index, fill_value=0).astype("int64")
    return out.reset_index().sort_values("organisation").reset_index(drop=True)


def _examples(asked: _Asked, table: pd.DataFrame, limit: int) -> pd.DataFrame:
    store, found = asked.store, asked.found
    columns = ["kind", "step", "organisation", "dossier_code"]
    if table.empty or limit < 1:
        return pd.DataFrame(columns=columns)
    rows = table[["place", "kind", "step"]].merge(found.rows, on="place")
    rows = rows.sort_values(["kind", "step", "organisation", "variant_key"])
    before = rows.groupby(["kind", "step"])["count"].cumsum() - rows["count"]
    keys = rows[before < limit][["kind", "step", "province_code", "variant_key"]].drop_duplicates()
    wanted = ibis.memtable(
        keys.rename(columns={"province_code": "k_org", "variant_key": "k_variant"}),
        schema={"kind": "string", "step": "string", "k_org": "string", "k_variant": "int64"},
    )
    d = store.dossiers(asked.selection)
    d = d.select("province_code", "variant_key", "dossier_code", organisation=d[found.by])
    joined = d.inner_join(wanted, [("province_code", "k_org"), ("variant_key", "k_variant")])
    window = ibis.window(group_by=[joined.kind, joined.step], order_by=[joined.organisation, joined.dossier_code])
    numbered = joined.mutate(place=ibis.row_number().over(window))
    return store.fetch(numbered.filter(numbered.place < limit).order_by("kind", "step", "place").select(columns))
