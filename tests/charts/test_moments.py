"""Dotted chart and performance spectrum, countable."""

from __future__ import annotations

from workbench.charts.moments import QUARTILES, dotted_figure, spectrum_figure, spectrum_legend
from workbench.mining.dotted import dotted_chart, performance_spectrum

TRACES = {("H01", "d1"): "a b c", ("H01", "d2"): "a b", ("H02", "d3"): "a c"}


def test_every_event_is_a_dot_in_the_colour_of_its_step(store_from):
    store = store_from(TRACES)
    drawn = dotted_figure(dotted_chart(store, dossiers=10), {"a": "#111111", "b": "#222222"}, language="en")
    dots = {shape.line.color: shape.path.count("M") for shape in drawn.layout.shapes}
    assert dots["#111111"] == 3
    assert dots["#222222"] == 2
    assert sum(dots.values()) == 7
    said = drawn.data[0].customdata
    assert len(said) == len(drawn.data[0].x) == 7
    assert ("d1", "A") in {(facts[0], facts[1]) for facts in said}
    assert "first received on top" in drawn.layout.yaxis.title.text


def test_since_receipt_begins_at_zero(store_from):
    drawn = dotted_figure(dotted_chart(store_from(TRACES)), {}, since_receipt=True)
    assert min(drawn.data[0].x) == 0
    assert "M0.0,0Z" in "".join(shape.path for shape in drawn.layout.shapes)


def test_every_passage_is_a_line_in_its_band(store_from):
    spectrum = performance_spectrum(store_from(TRACES), segments=(("a", "b"), ("a", "c")))
    drawn = spectrum_figure(spectrum, language="en")
    tops = [y for trace in drawn.data for y in trace.y if y is not None]
    assert len(tops) == 2 * 3
    heads = [note.text for note in drawn.layout.annotations]
    assert "A → B" in heads[0]
    assert "2 passages" in heads[0]
    assert "1 passages" in heads[1]
    assert len(spectrum_legend("vi")) == len(QUARTILES) == 4


def test_an_empty_spectrum_is_drawn_without_bands(store_from):
    spectrum = performance_spectrum(store_from(TRACES), segments=(("x", "y"),))
    assert not spectrum_figure(spectrum).layout.annotations
