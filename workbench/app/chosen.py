"""A few chosen organisations against each other: where their ways differ, and whether one is quicker."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
from scipy import stats

from workbench.app.view import FIELDS_BY
from workbench.errors import SelectionError
from workbench.harmonise.comparison.case_mix import CaseMix
from workbench.harmonise.comparison.compare import Comparison
from workbench.harmonise.comparison.differences import differences
from workbench.harmonise.organisations import organisation_logs
from workbench.mining.durations import duration_by
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore


@dataclass(frozen=True, slots=True)
class Chosen(Result):
    """Organisations against each other, all tests of ways taken together."""

    differences: pd.DataFrame
    """organisation, kind, source, target, share, share_others, effect (Cohen's h), q_value, dossiers; with two
    organisations one row a difference, seen from the first."""
    tests: int
    durations: pd.DataFrame
    """organisation, n, closed, median and its interval, in seconds and working seconds."""
    quicker_p: float | None
    """Whether durations differ at all: Mann and Whitney's test of two, Kruskal and Wallis's of more."""
    delta: float | None
    """Cliff's delta of two: chance that a dossier of the first takes longer, less the chance of the opposite."""
    basis: Basis


def only(selection: Selection, by: str, organisations: tuple[str, ...]) -> Selection:
    """The dossiers of a selection that some organisations hold; SelectionError where `by` cannot be chosen."""
    field = FIELDS_BY.get(by)
    if field is None:
        raise SelectionError(f"{by} cannot be chosen.", fix="Compare by province.", by=by)
    return selection.with_(**{field: organisations})


def compare_chosen(store: LogStore, selection: Selection, *, organisations: tuple[str, ...], by: str) -> Chosen:
    """The differences between two or more organisations, with effect sizes and q-values."""
    inside = only(selection, by, organisations)
    logs = organisation_logs(store, inside, by=by)
    names = [name for name in organisations if name in logs.names]
    found = differences(logs, names=names) if len(names) > 1 else pd.DataFrame(columns=["organisation"])
    tests = int(found.attrs.get("tests", 0)) // (2 if len(names) == 2 else 1)
    if len(names) == 2:
        found = found[found["organisation"] == names[0]].reset_index(drop=True)
    spans = duration_by(store, inside.with_(closed=True), by=by).table
    p, delta = _quicker(store, inside, by, names)
    return Chosen(found, tests, spans, p, delta, store.basis(inside))


def _quicker(store: LogStore, selection: Selection, by: str, names: list[str]) -> tuple[float | None, float | None]:
    d = store.dossiers(selection.with_(closed=True))
    working = bool(store.scalar("select exists (select 1 from dossier where throughput_working_seconds is not null)"))
    rows = store.fetch(
        d.select(code=d[by].cast("string"), s=d["throughput_working_seconds" if working else "throughput_seconds"])
    )
    parts = [part for name in names if len(part := rows[rows["code"] == name]["s"].dropna())]
    if len(parts) < 2:
        return None, None
    if len(parts) > 2:
        return float(stats.kruskal(*parts).pvalue), None
    found = stats.mannwhitneyu(parts[0], parts[1], method="asymptotic")
    return float(found.pvalue), float(2 * found.statistic / (len(parts[0]) * len(parts[1])) - 1)


def without_case_mix(comparison: Comparison, mix: CaseMix) -> Comparison:
    """The comparison with on-time rates and median times adjusted for each organisation's mix of cases."""
    table = comparison.organisations.merge(mix.table, on="organisation", how="left", suffixes=("", "_mix"))
    factor = table["time_factor"].fillna(1.0)
    names = ("median_working_seconds", "median_working_seconds_low", "median_working_seconds_high")
    adjusted = {name: table[name] * factor for name in names}
    rates = {"on_time": table["on_time_adjusted"], "on_time_low": table["low"], "on_time_high": table["high"]}
    known = table["on_time"].notna()
    kept = {name: values.where(known) for name, values in rates.items()}
    return replace(comparison, organisations=table.assign(**adjusted, **kept)[list(comparison.organisations.columns)])
