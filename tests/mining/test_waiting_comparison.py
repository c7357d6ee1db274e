"""Shares of waiting causes of organisations beside each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.mining.waiting_comparison import compare_shares

CAUSES = ("contention", "extraneous")


def sums(organisation: str, contention: list[float], extraneous: list[float]) -> pd.DataFrame:
    values = {"contention": contention, "extraneous": extraneous}
    frame = pd.DataFrame({f"{c}_{kind}": np.array(v) * 3600 for c, v in values.items() for kind in KINDS})
    return frame.assign(organisation=organisation)


KINDS = ("seconds", "working_seconds")


def test_by_hand():
    table = compare_shares(pd.concat([sums("A", [1.0, 3.0], [1.0, 1.0]), sums("B", [0.0, 2.0], [2.0, 4.0])]), CAUSES)
    row = table[(table["organisation"] == "A") & (table["cause"] == "contention")].iloc[0]
    # A: 4 of 6 hours, residuals 1 - 4/6 * 2 = -1/3 and 3 - 4/6 * 4 = 1/3; variance (2/9) / 36 * 2 / 1 = 1/81
    # B: 2 of 8 hours, residuals 0 - 1/4 * 2 = -1/2 and 2 - 1/4 * 6 = 1/2; variance (1/2) / 64 * 2 = 1/64
    half = 1.959964 * np.sqrt(1 / 81 + 1 / 64)
    assert row["difference"] == pytest.approx(4 / 6 - 2 / 8)
    assert (row["low"], row["high"]) == pytest.approx((5 / 12 - half, 5 / 12 + half))
    assert row["working_difference"] == pytest.approx(row["difference"])


def test_intervals_of_alike_organisations_hold_nothing_in_95_of_100():
    random = np.random.default_rng(1)
    held = []
    for _ in range(150):
        both = [sums(name, *random.gamma(2.0, 1.0, (2, 200)).tolist()) for name in "AB"]
        table = compare_shares(pd.concat(both), CAUSES)
        held.append(bool((table["low"] <= 0).all() and (table["high"] >= 0).all()))
    assert 0.9 <= np.mean(held) <= 0.99


def test_one_organisation_and_one_dossier_have_no_interval():
    assert compare_shares(sums("A", [1.0], [1.0]), CAUSES).empty
    table = compare_shares(pd.concat([sums("A", [1.0], [1.0]), sums("B", [1.0, 2.0], [1.0, 5.0])]), CAUSES)
    assert table["low"].isna().all()
    assert table["q_value"].isna().all()
