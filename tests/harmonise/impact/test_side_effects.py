"""Shares of late, supplemented and unfinished dossiers beside what the case mix explains; no discoveries from nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.harmonise.logs import closed_log, traces
from workbench.harmonise.deviations.opportunities import _share_tests
from workbench.harmonise.impact.side_effects import ADJUSTED_FOR, outcome_groups, share_effects
from workbench.harmonise.multiple_testing import benjamini_hochberg
from workbench.selection import Selection


def groups(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    """organisation, channel, dossiers, late ones."""
    table = pd.DataFrame(rows, columns=["organisation", "channel", "n", "hits"])
    for name in ADJUSTED_FOR:
        table[name] = table["channel"] if name == "channel" else "x"
    for outcome in ("late", "supplement", "not_done"):
        table[f"n_{outcome}"], table[outcome] = table["n"], table["hits"]
    return table


def test_case_mix_is_not_an_effect():
    # Desk dossiers are late in half of the cases, online ones in a tenth; O has desk dossiers alone and no habit of its own
    others = [(name, channel, 100, late) for name in "ABCD" for channel, late in (("desk", 50), ("online", 10))]
    (late, _, _) = share_effects(groups([*others, ("O", "desk", 200, 100)]), frozenset("O"))["O"]
    assert late.effect == pytest.approx(0.0, abs=1e-9)
    assert late.low < 0 < late.high
    (late, _, _) = share_effects(groups([*others, ("O", "desk", 200, 180)]), frozenset("O"))["O"]
    # 0.9 where the mix explains 0.5
    assert late.effect == pytest.approx(0.4)
    assert late.low > 0
    assert (late.control_organisations, late.control_dossiers, late.dossiers) == (4, 800, 200)


def test_two_organisations_are_not_enough_to_compare_with():
    assert share_effects(groups([(name, "desk", 100, 5) for name in "ABO"]), frozenset("O")) == {}


def test_counts_of_a_log(store_from):
    given = closed_log(traces(A="a b x3", B="a b x2"))
    outcome = ["done", "done", "stopped", "done", "returned"]
    table = outcome_groups(
        store_from(events=given["events"], dossiers=given["dossiers"].assign(outcome=outcome)),
        Selection(),
        by="province_code",
    )
    sums = table.groupby("organisation")[["n_not_done", "not_done", "supplement", "n_late"]].sum()
    assert sums.loc["A"].tolist() == [3, 1, 0, 0]
    assert sums.loc["B"].tolist() == [2, 1, 0, 0]


def test_intervals_hold_nothing_for_alike_organisations():
    """Property: an organisation drawn like the others is covered in about 95 of 100."""
    random = np.random.default_rng(2)
    held = []
    for _ in range(200):
        rates = np.clip(random.normal(0.3, 0.05, 12), 0, 1)
        rows = [(f"O{k:02d}", "desk", 200, int(random.binomial(200, rate))) for k, rate in enumerate(rates)]
        (late, _, _) = share_effects(groups(rows), frozenset({"O00"}))["O00"]
        held.append(late.low <= 0 <= late.high)
    assert np.mean(held) >= 0.9


def test_alike_organisations_are_rarely_discovered():
    """Property: of countries without a difference at most 5 % have a finding at the stated level."""
    random = np.random.default_rng(3)
    false = []
    for _ in range(60):
        parts = []
        for step in range(8):
            rates = random.beta(6, 14, 40)
            size = random.integers(30, 400, 40)
            table = pd.DataFrame(
                {
                    "organisation": [f"O{k:02d}" for k in range(40)],
                    "stratum": "",
                    "total": size,
                    "taken": random.binomial(size, rates),
                }
            )
            parts.append(_share_tests(table, "slow_step", (str(step),), 30))
        tests = pd.concat(parts, ignore_index=True)
        q = benjamini_hochberg(tests["p"].to_numpy(dtype=float))
        false.append(bool(((q <= 0.05) & tests["large"].to_numpy(dtype=bool)).any()))
    assert np.mean(false) <= 0.05
