"""The design system: contrast and stability of colours."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.charts.steps import calm_label, short_label, step_colours
from workbench.charts.tokens import (
    DARK,
    DURATION,
    FREQUENCY,
    LATE_TINT,
    LIGHT,
    OTHER_STEP,
    REWORK,
    STEP_COLOURS,
    contrast,
    luminance,
    on_dark,
    ramp,
    readable_on,
    scale_on,
)


@pytest.mark.parametrize("colour", [*FREQUENCY, *DURATION, *REWORK])
def test_text_is_readable_on_every_fill(colour):
    assert contrast(readable_on(colour), colour) >= 4.5


@pytest.mark.parametrize("scale", [FREQUENCY, DURATION, REWORK])
def test_on_dark_pages_low_values_recede_and_high_ones_stand_out(scale):
    turned = scale_on(scale, DARK)
    assert [luminance(colour) for colour in turned] == sorted(luminance(colour) for colour in turned)
    assert contrast(turned[0], DARK.canvas) < 1.3
    assert contrast(turned[-1], DARK.canvas) > 7
    assert all(contrast(readable_on(colour), colour) >= 4.5 for colour in turned)
    assert scale_on(scale, LIGHT) == scale


def test_the_style_sheet_turns_colours_as_on_dark_does():
    """White turned with the filter's matrix by hand; the sheet has the same filter."""
    assert on_dark("#ffffff") == "#1f1f1f"
    assert on_dark(LATE_TINT) == LATE_TINT
    sheet = (Path(__file__).parents[2] / "workbench/app/assets/10_workbench.css").read_text("utf-8")
    assert "filter: invert(0.88) hue-rotate(180deg);" in sheet


@pytest.mark.parametrize("scale", [FREQUENCY, DURATION, REWORK])
def test_scales_grow_darker(scale):
    assert [luminance(colour) for colour in scale] == sorted((luminance(c) for c in scale), reverse=True)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_is_readable_on_the_canvas(theme):
    assert contrast(theme.text, theme.canvas) >= 7
    assert contrast(theme.muted, theme.canvas) >= 4.5


def test_a_colour_never_moves_with_a_filter():
    every = [f"step {n}" for n in range(20)]
    colours = step_colours(every)
    assert colours["step 0"] == STEP_COLOURS[0]
    assert colours["step 19"] == OTHER_STEP
    assert len(set(STEP_COLOURS)) == len(STEP_COLOURS)


def test_ends_of_a_ramp():
    assert ramp(FREQUENCY, 0) == FREQUENCY[0]
    assert ramp(FREQUENCY, 1) == FREQUENCY[-1]
    assert ramp(FREQUENCY, -5) == FREQUENCY[0]


def test_labels_are_calm_and_short():
    assert calm_label("TIẾP NHẬN HỒ SƠ") == "Tiếp nhận hồ sơ"
    assert calm_label("UBND") == "UBND"
    assert calm_label("thẩm định") == "Thẩm định"
    assert short_label("Chuyển hồ sơ đến bộ phận chuyên môn xử lý", 30) == "Chuyển hồ sơ đến bộ phận…"
    assert short_label("Ký") == "Ký"
