"""SQL kept by shape is to the letter the SQL Ibis would write."""

from __future__ import annotations

from datetime import datetime

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.store import open_store
from workbench.store.compiled import Shapes

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["p", "it's", '"quoted"', "$1 ? {x} \\ %", "\x020\x03", "", "MAKE_TIMESTAMP(7000"]
)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1))


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    """Ibis over an empty store, writing SQL without keeping any."""
    with open_store(tmp_path_factory.mktemp("store") / "s.duckdb") as store:
        yield ibis.duckdb.from_connection(store.con)


class Counting:
    """Ibis' own SQL, and how often it was asked for."""

    def __init__(self, backend):
        self.backend, self.times = backend, 0

    def __call__(self, expression):
        self.times += 1
        return self.backend.compile(expression)


def question(backend, procedure, listed, after, until):
    d = backend.table("dossier")
    kept = d.filter(d.procedure_code == procedure, d.channel.isin(listed), d.received_at >= ibis.literal(after))
    kept = kept.mutate(late=kept.closed_at > ibis.literal(until), kind=ibis.literal(procedure))
    return kept.group_by("kind", "late").aggregate(n=kept.count())


@settings(max_examples=60, deadline=None)
@given(
    asked=st.lists(st.tuples(TEXTS, st.lists(TEXTS, min_size=1, max_size=3), MOMENTS, MOMENTS), min_size=2, max_size=4)
)
def test_every_expression_has_its_own_values(backend, asked):
    shapes = Shapes()
    for values in asked:
        expression = question(backend, *values)
        assert shapes.sql(backend, expression, backend.compile) == backend.compile(expression)


def test_the_second_of_a_shape_is_not_compiled(backend):
    shapes, counting = Shapes(), Counting(backend)
    days = [datetime(2024, month, 1) for month in range(1, 7)]
    for day in days:
        shapes.sql(
            backend, question(backend, "it's", ["a", f"b{day.month}"], day, datetime(2026, 1, 5, 9, 30)), counting
        )
    assert counting.times == 2  # the first, and the same with marks


def test_every_kth_dossier_of_any_k_is_one_shape(backend):
    shapes, counting = Shapes(), Counting(backend)
    d = backend.table("dossier")
    for k in (2, 3, 7, 120, 300, 70_000, 3_000_000_000):
        rows = d.filter(d.dossier_key % k == 0).mutate(days=d.throughput_seconds / 86_400)
        expression = rows.aggregate(days=rows.days.sum())
        assert shapes.sql(backend, expression, counting) == backend.compile(expression)
    assert counting.times <= 2 * 4  # one shape for each width of number


def test_values_that_are_equal_are_another_shape(backend):
    shapes = Shapes()
    day = datetime(2024, 1, 1)
    for after, until in ((day, day), (day, datetime(2025, 1, 1)), (day, day)):
        expression = question(backend, "p", ["p", "q"], after, until)
        assert shapes.sql(backend, expression, backend.compile) == backend.compile(expression)


def test_tables_in_memory_keep_their_own_names(backend):
    shapes, counting = Shapes(), Counting(backend)
    for n in range(4):
        table = ibis.memtable(pd.DataFrame({"n": [n], "text": ["x"]}))
        expression = table.filter(table.text == f"x{n}").aggregate(n=table.n.sum())
        assert shapes.sql(backend, expression, counting) == backend.compile(expression)
    assert counting.times == 2


def test_a_store_answers_the_same_after_the_shape_is_known(store_from):
    store = store_from({("H01", "a"): "x y", ("H01", "b"): "x"})
    d = store.table("dossier")
    answers = [
        store.fetch(d.filter(d.dossier_code == code).select("dossier_code", "event_count")).to_dict("records")
        for code in ("a", "b", "it's", "a")
    ]
    assert [len(rows) for rows in answers] == [1, 1, 0, 1]
    assert answers[0] == answers[3]
    assert answers[0] != answers[1]


def test_what_many_ask_for_is_kept_where_the_owner_says(store_from):
    store = store_from({("H01", "a"): "x y", ("H01", "b"): "x"})
    kept, made = {}, []

    def memory(key, make):
        if key not in kept:
            made.append(key)
            kept[key] = make()
        return kept[key]

    plain = store.basis()
    store.memory = memory
    assert store.basis() == store.cursor().basis() == plain
    assert len(made) == 1
