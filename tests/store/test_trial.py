"""A vocabulary on trial changes the answers of one handle and nothing else."""

from __future__ import annotations

from datetime import datetime

import pytest

from workbench.errors import StoreError
from workbench.mining.dfg import discover_dfg
from workbench.mining.variants import variants
from workbench.selection import Selection
from workbench.store import open_store
from workbench.store.trial import trying
from workbench.store.vocabulary import Judgement, write_vocabulary

TRACES = {("H01", "1"): "nhận làm trả", ("H02", "2"): "tiếp làm trả"}


def test_answers_inside_and_after(store_from):
    store = store_from(TRACES)
    before = store.version()
    with trying(store, [Judgement("H02", "tiếp", "nhận")]):
        assert variants(store, Selection()).counts == ((("nhận", "làm", "trả"), 2),)
        assert set(discover_dfg(store, Selection()).edges["source"]) == {"nhận", "làm"}
        assert store.version() != before
    assert len(variants(store, Selection()).counts) == 2
    assert store.version() == before


def test_works_read_only_with_a_new_step_name(store_from):
    store = store_from(TRACES)
    path = store.path
    store.close()
    with open_store(path, read_only=True) as reader:
        with trying(reader, [Judgement("*", "làm", "Thẩm định hồ sơ"), Judgement("H02", "tiếp", "nhận")]):
            assert variants(reader, Selection()).counts == ((("nhận", "Thẩm định hồ sơ", "trả"), 2),)
        assert reader.scalar("select count(*) from activity") == 4


def test_one_trial_at_a_time(store_from):
    store = store_from(TRACES)
    with trying(store, []), pytest.raises(StoreError), trying(store, []):
        pass


def test_a_trial_is_made_anew_when_the_store_or_the_judgements_change(store_from):
    store = store_from(TRACES)
    first, second = Judgement("H02", "tiếp", "nhận"), Judgement("*", "làm", "xử lý")
    for rows in ([first], [first], [second], [first]):
        with trying(store, rows):
            names = {label for variant, _ in variants(store, Selection()).counts for label in variant}
        assert ("tiếp" in names, "xử lý" in names) == (first not in rows, second in rows)
    write_vocabulary(store, [Judgement("*", "trả", "giao", reviewed_by="a")], now=datetime(2026, 1, 1))
    with trying(store, [first]):
        assert variants(store, Selection()).counts == ((("nhận", "làm", "giao"), 2),)
    assert store.scalar("select count(*) from activity") == 5  # four labels and the new step
