"""Where organisations' configurations differ, and why.

Kinds: `optional` (a step some never, some always, some sometimes take), `repetition` (a step some repeat), `order`
(two steps in the one or the other order), `alternative` (two steps of which some take one, others both).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from workbench.harmonise.configuration.configurable import Configurable
from workbench.harmonise.discovery.routing import END, START, Routes
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.harmonise.organisations import OrganisationLogs
from workbench.harmonise.unification.candidates import named_as, step_shares
from workbench.mining.grouping import events_by
from workbench.reference.processes import InternalProcess
from workbench.selection import Selection
from workbench.store import LogStore

Kind = Literal["optional", "alternative", "order", "repetition"]
COLUMNS = ("point", "kind", "step", "other", "organisation", "option", "core_option", "differs")
ATTRIBUTES = ("level", "channel", "applicant_type", "procedure_variant")
"""What a dossier is, which may explain why a step is taken for some and not for others."""
STRENGTH = 0.3
"""Cramér's V from which an attribute of the dossier explains an option."""


def variation_points(configurable: Configurable) -> pd.DataFrame:
    """One row per variation point and organisation: its option, that of the unified procedure, whether they differ.

    A point is listed when the options are not the same everywhere, the unified procedure included.
    """
    shapes = {name: _Shape(one) for name, one in configurable.configurations.items()}
    core = _Shape(configurable.core)
    found: list[tuple[str, str, str | None, dict[str, str | None], str | None]] = []
    steps = sorted(configurable.union.numbers)
    for step in steps:
        found.append(("optional", step, None, {n: s.presence(step) for n, s in shapes.items()}, core.presence(step)))
        found.append(("repetition", step, None, {n: s.repeats(step) for n, s in shapes.items()}, core.repeats(step)))
    for a, b in combinations(steps, 2):
        found.append(("order", a, b, {n: s.order(a, b) for n, s in shapes.items()}, core.order(a, b)))
        chosen = {n: s.choice(a, b) for n, s in shapes.items()}
        found.append(("alternative", a, b, chosen, core.choice(a, b)))
    rows: list[tuple[Any, ...]] = []
    for kind, step, other, options, usual in found:
        known = {option for option in [*options.values(), usual] if option is not None}
        if len(known) < 2:
            continue
        point = f"{kind}:{step}" if other is None else f"{kind}:{step}|{other}"
        for name, option in options.items():
            if option is not None:
                rows.append((point, kind, step, other, name, option, usual, option != usual))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"differs": bool})


class _Shape:
    """What routes say about steps and pairs of steps, by label."""

    def __init__(self, given: Routes) -> None:
        self.given = given
        self.reach: dict[int, set[int]] = {n: _later(n, given.after) for n in [START, *given.label]}
        self.follows: dict[str, set[str]] = {}
        for number, label in given.labels:
            self.follows.setdefault(label, set()).update(
                given.label[other] for other in self.reach[number] if other != END
            )
        self.branches: set[frozenset[str]] = set()
        for targets in given.after.values():
            labels = sorted({given.label[one] for one in targets if one != END})
            self.branches |= {frozenset(pair) for pair in combinations(labels, 2)}

    def presence(self, step: str) -> str:
        numbers = set(self.given.numbers.get(step, ()))
        if not numbers:
            return "absent"
        without = {n: [t for t in after if t not in numbers] for n, after in self.given.after.items()}
        return "sometimes" if END in _later(START, without) else "always"

    def repeats(self, step: str) -> str | None:
        if step not in self.given.numbers:
            return None
        return "repeated" if step in self.follows[step] else "once"

    def order(self, a: str, b: str) -> str | None:
        if a not in self.follows or b not in self.follows:
            return None
        forth, back = b in self.follows[a], a in self.follows[b]
        return {(True, False): "first", (False, True): "second", (True, True): "any"}.get((forth, back))

    def choice(self, a: str, b: str) -> str | None:
        if a not in self.follows or b not in self.follows:
            return None
        if b in self.follows[a] or a in self.follows[b]:
            return "both"
        return "one_of_them" if frozenset((a, b)) in self.branches else None


def _later(first: int, after: Mapping[int, Sequence[int]]) -> set[int]:
    seen: set[int] = set()
    queue = [first]
    for one in queue:
        for other in after.get(one, ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def explain(
    store: LogStore,
    selection: Selection,
    logs: OrganisationLogs,
    points: pd.DataFrame,
    *,
    by: str,
    published: Iterable[InternalProcess] = (),
    q: float = 0.05,
) -> pd.DataFrame:
    """The points with, for every option that differs from the unified procedure, its reason and the evidence.

    `reason` is `legal` when a published internal process of the organisation has (or lacks) the step as the option
    does; `local` when the option goes with what the organisation is or with what its dossiers are (tests below,
    false-discovery rate over all of them at most `q`); else `accidental`. `facts` name the source, the attribute or
    how many tests found nothing. Organisations: Mann and Whitney's test with at least three on either side. Dossiers: chi-squared with Cramér's V of at least 0.3.
    """
    steps = sorted({step for name in logs.names for step in logs.steps(name)})
    tests = _dossier_tests(store, selection, by, points) + _organisation_tests(store, selection, by, points)
    known = _Evidence(
        legal=_legal(published, selection.procedure, steps),
        hits=_hits(tests, q),
        tried=Counter(test["point"] for test in tests),
        organisations=len(logs.names),
    )
    shares = step_shares(logs)
    rows = points.to_dict("records")
    reasons = [known.reason(row) for row in rows]
    facts = []
    for row, reason in zip(rows, reasons, strict=True):
        name = str(row["organisation"])
        seen = {"share": shares[name].get(str(row["step"]), 0.0), "dossiers": logs.dossiers[name]}
        facts.append({**seen, **known.facts(row, reason)})
    return points.assign(
        reason=pd.Series(reasons, index=points.index, dtype=object),
        facts=pd.Series(facts, index=points.index, dtype=object),
    )


Reason = Literal["legal", "local", "accidental"]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for a reason of the options."""

    legal: Mapping[tuple[str, str, bool], str]
    """(organisation, step, whether its published process has it) to the source."""
    hits: Mapping[tuple[str, str], dict[str, Any]]
    """(point, organisation) to the attribute the option goes with."""
    tried: Mapping[str, int]
    """Tests by point."""
    organisations: int

    def reason(self, row: Mapping[Any, Any]) -> Reason | None:
        """Why the option of a row differs from the unified procedure; None when it does not."""
        if not row["differs"]:
            return None
        if row["kind"] == "optional" and _published(row) in self.legal:
            return "legal"
        return "local" if (str(row["point"]), str(row["organisation"])) in self.hits else "accidental"

    def facts(self, row: Mapping[Any, Any], reason: Reason | None) -> dict[str, Any]:
        """What a reason rests on."""
        if reason == "legal":
            return {"source": self.legal[_published(row)]}
        if reason == "local":
            return self.hits[str(row["point"]), str(row["organisation"])]
        if reason == "accidental":
            return {"tests": self.tried[str(row["point"])], "organisations": self.organisations}
        return {}


def _published(row: Mapping[Any, Any]) -> tuple[str, str, bool]:
    return str(row["organisation"]), str(row["step"]), row["option"] != "absent"


def _hits(tests: Sequence[Mapping[str, Any]], q: float) -> dict[tuple[str, str], dict[str, Any]]:
    """(point, organisation) to the first strong test that found something at the false-discovery rate `q`."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    qs = benjamini_hochberg(np.array([test["p"] for test in tests]))
    for test, value in zip(tests, qs.tolist(), strict=True):
        if value <= q and test["strong"]:
            for name in test["organisations"]:
                found.setdefault((test["point"], name), {**test["facts"], "q": value})
    return found


def _legal(
    published: Iterable[InternalProcess], procedure: str | None, steps: list[str]
) -> dict[tuple[str, str, bool], str]:
    """(organisation, step, whether its published process has it) to the source."""
    out: dict[tuple[str, str, bool], str] = {}
    for process in published:
        if procedure is None or process.procedure_code != procedure or not process.steps:
            continue
        names = set(named_as([step.name for step in process.steps], steps))
        if 2 * len(names & set(steps)) < len(names):
            continue  # its steps are named too differently to say what it lacks
        for organisation in process.h_codes:
            for step in steps:
                out.setdefault((organisation, step, step in names), process.source)
    return out


def _dossier_tests(store: LogStore, selection: Selection, by: str, points: pd.DataFrame) -> list[dict[str, Any]]:
    """Whether an optional step goes with what a dossier is, within each organisation that takes it sometimes."""
    wanted = points[(points["kind"] == "optional") & (points["option"] == "sometimes") & points["differs"]]
    if wanted.empty:
        return []
    ids = {label: number for number, label in store.labels().items()}
    chosen = sorted({ids[step] for step in wanted["step"] if step in ids})
    d = store.dossiers(selection)
    e = events_by(store, selection, by)
    has = e.filter(e.step_id.isin(chosen)).select("dossier_key", "step_id").distinct()
    labels = store.labels()
    out: list[dict[str, Any]] = []
    for attribute in ATTRIBUTES:
        own = d.filter(d.event_count > 0).select(
            key=d.dossier_key, organisation=d[by].cast("string"), value=d[attribute]
        )
        totals = store.fetch(own.group_by("organisation", "value").aggregate(n=own.count()))
        joined = has.inner_join(own, [has.dossier_key == own.key])
        counts = store.fetch(joined.group_by("organisation", "value", "step_id").aggregate(k=joined.count()))
        counts["step"] = counts["step_id"].map(labels)
        out += _attribute_tests(attribute, totals, counts, wanted)
    return out


def _attribute_tests(
    attribute: str, totals: pd.DataFrame, counts: pd.DataFrame, wanted: pd.DataFrame
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for row in wanted.itertuples():
        total = totals[(totals["organisation"] == row.organisation) & totals["value"].notna()].set_index("value")["n"]
        found = counts[(counts["organisation"] == row.organisation) & (counts["step"] == row.step)]
        hits = found.set_index("value")["k"].reindex(total.index).fillna(0)
        if len(total) < 2 or hits.sum() in (0, total.sum()):
            continue
        test = stats.chi2_contingency(np.vstack([hits, total - hits]), correction=False)
        expected = np.asarray(test.expected_freq)
        if expected.min() < 1 or (expected < 5).mean() > 0.2:
            continue  # too few dossiers for the test (Cochran 1954)
        strength = float(np.sqrt(test.statistic / total.sum()))
        value = str((hits / total).idxmax())
        facts = {"attribute": attribute, "value": value, "strength": strength, "method": "chi2"}
        out.append(
            {
                "point": row.point,
                "organisations": [row.organisation],
                "p": float(test.pvalue),
                "strong": strength >= STRENGTH,
                "facts": facts,
            }
        )
    return out


def _organisation_tests(store: LogStore, selection: Selection, by: str, points: pd.DataFrame) -> list[dict[str, Any]]:
    """Whether the organisations of one option are of another kind than the rest: level, channel, units a dossier."""
    d = store.dossiers(selection)
    own = d.group_by(organisation=d[by].cast("string")).aggregate(
        n=d.count(),
        online=(d.channel == "online").mean(),
        commune=(d.level == "commune").mean(),
        province=(d.level == "province").mean(),
    )
    e = events_by(store, selection, by)
    units = e.group_by("organisation", "dossier_key").aggregate(n=e.unit.nunique())
    per = store.fetch(units.group_by("organisation").aggregate(units=units.n.mean()))
    table = store.fetch(own).merge(per, on="organisation", how="left").set_index("organisation")
    out: list[dict[str, Any]] = []
    for point, part in points[points["differs"]].groupby("point", sort=True):
        names = part["organisation"].tolist()
        rest = [name for name in table.index if name not in names]
        if len(names) < 3 or len(rest) < 3:
            continue
        for attribute in ("online", "commune", "province", "units"):
            ones = table.loc[names, attribute].astype(float).dropna()
            others = table.loc[rest, attribute].astype(float).dropna()
            if len(ones) < 3 or len(others) < 3 or np.ptp(np.concatenate([ones, others])) == 0:
                continue
            p = float(stats.mannwhitneyu(ones, others).pvalue)
            facts = {"attribute": attribute, "mean": float(ones.mean()), "mean_others": float(others.mean())}
            method = {"method": "mann_whitney"}
            out.append(
                {"point": str(point), "organisations": names, "p": p, "strong": True, "facts": {**facts, **method}}
            )
    return out
