"""A process model drawn as BPMN shapes in cytoscape: tasks, gateways, start and end, in layers from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.charts.layered import Layout, layered
from workbench.charts.process_map import BENT_EDGE, STRIPED_BOX, bend_data
from workbench.charts.steps import short_label
from workbench.charts.tokens import OTHER_STEP, Theme, readable_on
from workbench.i18n import Language, format_percent
from workbench.mining.model import Bpmn

_SIGN = {"xor": "×", "and": "+", "or": "○"}


@dataclass(frozen=True, slots=True)
class Emphasis:
    """How a step stands out: its fill and a second line of text."""

    fill: str
    note: str = ""


def model_layout(model: Bpmn) -> Layout:
    """Places of the nodes of a model."""
    nodes = [node.id for node in model.nodes]
    weights = {(flow.source, flow.target): 1.0 + 9.0 * (flow.share or 0.0) for flow in model.flows}
    first = next((node.id for node in model.nodes if node.kind == "start"), None)
    last = next((node.id for node in model.nodes if node.kind == "end"), None)
    return layered(nodes, weights, first=first, last=last, across=208.0, along=92.0)


def model_elements(
    model: Bpmn,
    layout: Layout,
    colours: Mapping[str, str],
    theme: Theme,
    *,
    emphasis: Mapping[str, Emphasis] | None = None,
    language: Language = "vi",
) -> list[dict[str, Any]]:
    """The model as elements; `emphasis` by step colours tasks and adds a line to them."""
    out: list[dict[str, Any]] = []
    for node in model.nodes:
        x, y = layout.nodes[node.id]
        data = {"id": node.id, "kind": node.kind, "full": node.label}
        if node.kind in ("task", "event"):
            data |= _step_look(node.label, colours, theme, (emphasis or {}).get(node.label))
        else:
            data["label"] = _SIGN.get(node.kind, "")
        out.append({"data": data, "position": {"x": round(x, 1), "y": round(y, 1)}, "classes": node.kind})
    for flow in model.flows:
        points = layout.bends.get((flow.source, flow.target), ())
        ends = layout.nodes[flow.source], layout.nodes[flow.target]
        label = format_percent(flow.share, language, 0) if flow.share is not None and flow.share < 0.995 else ""
        data = {
            "id": f"{flow.source}\u2192{flow.target}",
            "source": flow.source,
            "target": flow.target,
            "label": label,
            **(bend_data(*ends, points) if points else {}),
        }
        out.append({"data": data, "classes": "bent" if points else "plain"})
    return out


def _step_look(step: str, colours: Mapping[str, str], theme: Theme, stressed: Emphasis | None) -> dict[str, str]:
    """What a step's box says, and its colours."""
    fill = stressed.fill if stressed else theme.surface
    note = f"\n{stressed.note}" if stressed and stressed.note else ""
    colour = colours.get(step, OTHER_STEP)
    return {
        "label": short_label(step) + note,
        "step": step,
        "ink": readable_on(fill),
        "stops": f"{colour} {colour} {fill} {fill}",
    }


def model_stylesheet(theme: Theme) -> list[dict[str, Any]]:
    """How the shapes look."""
    font = "Be Vietnam Pro, Inter, Noto Sans, sans-serif"
    text = {"font-family": font, "font-size": 12, "text-valign": "center", "text-halign": "center"}
    return [
        {
            "selector": "node.task, node.event",
            "style": {
                **STRIPED_BOX, "width": 176, "height": 54, "label": "data(label)", "color": "data(ink)",
                "line-height": 1.25, "text-wrap": "wrap", "text-max-width": 154, "text-margin-x": 3,
                "border-width": 1, "border-color": theme.edge, **text,
            },
        },
        {
            "selector": "node.xor, node.and, node.or",
            "style": {"shape": "diamond", "width": 36, "height": 36, "background-color": theme.surface,
                      "border-width": 1.4, "border-color": theme.muted, "label": "data(label)", "color": theme.text,
                      **text, "font-size": 17},
        },
        {
            "selector": "node.start, node.end",
            "style": {"shape": "ellipse", "width": 24, "height": 24, "background-color": theme.canvas,
                      "border-width": 2, "border-color": theme.muted, "label": ""},
        },
        {"selector": "node.end", "style": {"border-width": 5}},
        {
            "selector": "edge",
            "style": {"width": 1.6, "line-color": theme.edge, "target-arrow-color": theme.edge,
                      "target-arrow-shape": "triangle", "arrow-scale": 0.9, "curve-style": "bezier",
                      "label": "data(label)", "font-family": font, "font-size": 11, "color": theme.text,
                      "text-background-color": theme.canvas, "text-background-opacity": 1,
                      "text-background-padding": "2px"},
        },
        BENT_EDGE,
        {"selector": ":selected", "style": {"border-width": 3, "border-color": theme.text, "line-color": "#d98e04",
                                            "target-arrow-color": "#d98e04"}},
    ]  # fmt: skip
