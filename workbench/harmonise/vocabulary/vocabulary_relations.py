"""How an organisation's labels relate to canonical steps: one to one, several labels, several steps, nobody's counterpart.

- `several_steps`: the label's words name at least two steps that half of the organisations take, of which this one has no
  label of its own: one entry where others make several. A person decides: the label keeps one step in the store.
- `several_labels`: the organisation has further labels of the same step.
- `unmatched`: no other organisation has a label of the step.
"""

from __future__ import annotations

from itertools import permutations

import pandas as pd

from workbench.harmonise.vocabulary.vocabulary_text import normal_form
from workbench.results import records

RELATIONS = ("one", "several_labels", "several_steps", "unmatched")
LITTLE = frozenset({"va", "cua", "cho", "den", "tai"})
"""Words that name no step."""


def with_relations(proposals: pd.DataFrame) -> pd.DataFrame:
    """Proposals with `relation` and `covers` (steps a label of several stands for, separated by semicolons)."""
    organisations = proposals["organisation"].nunique()
    users = proposals.groupby("step")["organisation"].nunique()
    labels = proposals.groupby(["organisation", "step"])["label"].nunique()
    usual = {str(step): _words(str(step)) for step, n in users.items() if n >= max(2, organisations / 2)}
    own = proposals.groupby("organisation")["step"].agg(set)
    relations, covers = [], []
    for row in records(proposals):
        covered = _covered(row["label"], row["step"], own[row["organisation"]], usual)
        covers.append("; ".join(covered))
        if covered:
            relations.append("several_steps")
        elif organisations > 1 and users[row["step"]] == 1:
            relations.append("unmatched")
        else:
            relations.append("several_labels" if labels[(row["organisation"], row["step"])] > 1 else "one")
    return proposals.assign(relation=relations, covers=covers)


def _covered(label: str, step: str, own: set[str], usual: dict[str, frozenset[str]]) -> tuple[str, ...]:
    words = _words(label)
    named = {other: w for other, w in usual.items() if w <= words and (other == step or other not in own)}
    for a, b in permutations(tuple(named), 2):
        if a in named and b in named and named[a] <= named[b]:
            del named[a]
    return tuple(sorted(named)) if len(named) > 1 else ()


def _words(label: str) -> frozenset[str]:
    return frozenset(normal_form(label).split()) - LITTLE
