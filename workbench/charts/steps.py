"""One colour per step, the same on maps, chips, bars and dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.charts.tokens import OTHER_STEP, STEP_COLOURS


def step_colours(steps: Sequence[str]) -> Mapping[str, str]:
    """Colours of the steps of a procedure, given in order of frequency; the rarer ones share a grey.

    Give all steps of the procedure, not of a selection, so that a colour never moves with a filter.
    """
    return {step: STEP_COLOURS[i] if i < len(STEP_COLOURS) else OTHER_STEP for i, step in enumerate(steps)}


def calm_label(label: str) -> str:
    """A label for reading: one written all in capitals becomes a sentence, every label begins with a capital."""
    text = label.lower() if label.isupper() and len(label) > 4 else label
    return text[:1].upper() + text[1:]


def short_label(label: str, limit: int = 40) -> str:
    """A label cut between words for a box of two lines."""
    label = calm_label(label)
    if len(label) <= limit:
        return label
    cut = label[: limit - 1].rsplit(" ", 1)[0] if " " in label[: limit - 1] else label[: limit - 1]
    return cut + "…"
