"""The design system: colours, type and sizes that the app, notebooks and reports share.

One accent; red only for what is late or broken. Step colours follow Okabe and Ito (2008), "Color universal
design", and Tol's muted scheme, without their reds; each keeps 3:1 against white and against the dark canvas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FONT = '"Be Vietnam Pro", Inter, "Noto Sans", system-ui, sans-serif'
ACCENT = "#1f5fae"
MARK = "#3d7fc7"
"""Lines and dots of figures: 3:1 on the light and on the dark ground."""
LATE = "#d9534a"
NEUTRAL = "#8a94a3"

STEP_COLOURS = (
    "#0072b2",
    "#d98e04",
    "#0a8f6b",
    "#b05a96",
    "#4aa3d8",
    "#7b5cb8",
    "#8f8300",
    "#8c5a33",
    "#2f9d97",
    "#4b50a6",
    "#6e8b3d",
    "#c07a9a",
)
OTHER_STEP = "#8a94a3"
"""Steps rarer than the ones that have a colour of their own."""

FREQUENCY = ("#eef4fb", "#d3e3f4", "#a9c8e8", "#75a6d8", "#3a74b4", "#1f5fae", "#12437f")
"""Light to dark: rare to frequent."""
DURATION = ("#fdf6e7", "#f9e5bd", "#f0c877", "#dfa43c", "#9c640c", "#7d4e09", "#633c06")
"""Light to dark: short to long."""
REWORK = ("#f5f0fa", "#e3d6f2", "#c6afe3", "#a584d1", "#845cba", "#65409a", "#472a72")
"""Light to dark: seldom to often repeated."""
LATE_TINT = "#e8a0a0"
"""The ground of a tile that is late; red stands out on light and on dark pages alike."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The literal colours of a canvas that cannot read the style sheet."""

    name: str
    canvas: str
    surface: str
    text: str
    muted: str
    line: str
    edge: str


LIGHT = Theme("light", "#ffffff", "#ffffff", "#1b2430", "#596575", "#dfe4ea", "#8d99a8")
DARK = Theme("dark", "#1a2027", "#222a33", "#e7ebf0", "#a3aebc", "#323c48", "#7d8a9a")


def theme(name: str | None) -> Theme:
    """The theme by name; light unless it is `dark`."""
    return DARK if name == "dark" else LIGHT


def ramp(scale: tuple[str, ...], share: float) -> str:
    """The colour of a scale at `share`, 0 to 1, in even steps; no colour between two steps is mixed."""
    place = int(max(0.0, min(share, 1.0)) * len(scale))
    return scale[min(place, len(scale) - 1)]


def on_dark(colour: str) -> str:
    """The colour of a scale on a dark page: its hue with light and dark exchanged, so that low values recede.

    The same as `filter: invert(0.88) hue-rotate(180deg)`, with which the style sheet turns what cannot be drawn in two
    ways; the matrix of the rotation is that of W3C Filter Effects Module Level 1. What is late keeps its tint.
    """
    if colour == LATE_TINT:
        return colour
    red, green, blue = (0.88 - 0.76 * int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    turned = (
        -0.574 * red + 1.430 * green + 0.144 * blue,
        0.426 * red + 0.430 * green + 0.144 * blue,
        0.426 * red + 1.430 * green - 0.856 * blue,
    )
    return "#" + "".join(f"{round(255 * max(0.0, min(part, 1.0))):02x}" for part in turned)


def scale_on(scale: tuple[str, ...], ground: Theme) -> tuple[str, ...]:
    """A scale from low to high for a canvas: away from its ground."""
    return tuple(on_dark(colour) for colour in scale) if ground.name == "dark" else scale


def readable_on(colour: str) -> str:
    """Dark or white text, whichever has the better contrast on `colour`."""
    return max("#1b2430", "#ffffff", key=lambda text: contrast(text, colour))


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2, 0 to 1."""
    channels = [int(colour.lstrip("#")[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


MANTINE_THEME: dict[str, Any] = {
    "fontFamily": FONT,
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px", "lg": "16px", "xl": "20px"},
    "headings": {"fontFamily": FONT, "fontWeight": "600"},
    "primaryColor": "brand",
    "primaryShade": 6,
    "defaultRadius": "md",
    "cursorType": "pointer",
    "respectReducedMotion": True,
    "colors": {
        "brand": [
            "#eef4fb",
            "#d9e7f6",
            "#b3cfec",
            "#8ab5e2",
            "#669dd8",
            "#4a8ace",
            "#1f5fae",
            "#1b5499",
            "#174780",
            "#123863",
        ],
    },
}
