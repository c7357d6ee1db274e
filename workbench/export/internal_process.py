"""Quy trình nội bộ: the table of a unified procedure's steps, who does them, in what time, with what result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from workbench.errors import ModelError
from workbench.export import content as c
from workbench.export.bpmn_drawing import draw_bpmn, limit_text
from workbench.export.bpmn_graph import standardise
from workbench.export.facts import HOURS_A_DAY, ProcedureFacts
from workbench.export.layout import Arc, Item
from workbench.export.layout.layering import layer
from workbench.export.procedure_picture import procedure_parts, procedure_picture
from workbench.export.process_tree import ProcessTree, to_tree
from workbench.i18n import Language, format_number, format_percent, t
from workbench.mining.model import Bpmn

When = Literal["", "parallel", "case", "repeat"]
USUAL = 0.8
"""Share of dossiers from which on a step is not called one of some cases only."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A unified procedure as it is to be enacted."""

    name: str
    bpmn: Bpmn
    lanes: Mapping[str, str] = field(default_factory=dict)
    """Step to unit."""
    facts: ProcedureFacts = field(default_factory=ProcedureFacts)
    lane_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A line of the table."""

    step: str
    unit: str
    """Empty when not known."""
    limit_hours: float | None
    form: str
    when: When
    """In parallel with others, only in some cases, or only when something is repeated."""


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """The lines in reading order, and the total."""

    rows: tuple[ProcessRow, ...]
    total_hours: float | None
    """Working hours of the longest way through the procedure, repetitions left out; None when no limit is known."""
    without_limit: int
    """Steps whose limit is not known; the total does not count them."""
    declared_hours: float | None
    """Declared limit of the procedure; 0 stands for the same working day."""

    @property
    def contradicts(self) -> bool:
        """Whether the steps together take longer than the declared limit of the procedure."""
        return (
            self.declared_hours is not None and (self.total_hours or 0.0) > (self.declared_hours or HOURS_A_DAY) + 1e-9
        )


def process_table(procedure: Procedure) -> ProcessTable:
    """The table of a procedure. Limits not known stay empty; nothing is estimated."""
    facts = procedure.facts
    try:
        tree = to_tree(procedure.bpmn)
        order = list(_leaves(tree, ""))
        total = _longest(tree, facts)
    except ModelError:
        order = [(step, "") for step in _reading_order(procedure.bpmn)]
        total = _longest_way(procedure.bpmn, facts)
    rows = tuple(
        ProcessRow(
            step,
            procedure.lanes.get(step, ""),
            facts.of(step).limit_hours,
            facts.of(step).form,
            _when(step, when, facts),
        )
        for step, when in dict(reversed(order)).items()
    )[::-1]
    missing = sum(row.limit_hours is None for row in rows)
    known = missing < len(rows)
    return ProcessTable(rows, total if known else None, missing, facts.limit_hours)


def _when(step: str, when: When, facts: ProcedureFacts) -> When:
    """A step behind a choice that nearly all dossiers take is an ordinary one: the others end early."""
    share = facts.of(step).statistics.get("share_of_dossiers")
    return "" if when == "case" and isinstance(share, int | float) and share >= USUAL else when


def _leaves(tree: ProcessTree, when: When) -> list[tuple[str, When]]:
    if tree.operator is None:
        return [(tree.label, when)] if tree.label is not None else []
    out: list[tuple[str, When]] = []
    for number, child in enumerate(tree.children):
        inside: When = when
        if tree.operator == "and":
            inside = when or "parallel"
        elif tree.operator in ("xor", "or"):
            inside = when or "case"
        elif tree.operator == "xorLoop" and number > 0:
            inside = "repeat"
        out += _leaves(child, inside)
    return out


def _longest(tree: ProcessTree, facts: ProcedureFacts) -> float:
    if tree.operator is None:
        return (facts.of(tree.label).limit_hours or 0.0) if tree.label is not None else 0.0
    parts = [_longest(child, facts) for child in tree.children]
    if tree.operator == "sequence":
        return sum(parts)
    return parts[0] if tree.operator == "xorLoop" else max(parts)


def _graph(bpmn: Bpmn) -> tuple[Bpmn, list[Item], list[Arc]]:
    graph = standardise(bpmn)
    items = [Item(n.id, 0, 0, 0, 0) for n in graph.nodes]
    return graph, items, [Arc(f.source, f.target) for f in graph.flows]


def _reading_order(bpmn: Bpmn) -> list[str]:
    """Steps of a graph without blocks from left to right, as it is drawn."""
    graph, items, arcs = _graph(bpmn)
    layers = layer(items, arcs)
    tasks = [n for n in graph.nodes if n.kind == "task"]
    return [n.label for n in sorted(tasks, key=lambda n: (layers.column[n.id], layers.order[n.id]))]


def _longest_way(bpmn: Bpmn, facts: ProcedureFacts) -> float:
    graph, items, arcs = _graph(bpmn)
    layers = layer(items, arcs)
    own = {n.id: facts.of(n.label).limit_hours or 0.0 if n.kind == "task" else 0.0 for n in graph.nodes}
    best = dict(own)
    for node in sorted(best, key=layers.column.__getitem__):
        for k, arc in enumerate(arcs):
            if arc.source == node and k not in layers.reversed:
                best[arc.target] = max(best[arc.target], best[node] + own[arc.target])
    return max(best.values())


# the document -------------------------------------------------------------------------------------------
def internal_process_content(
    procedure: Procedure,
    *,
    language: Language = "vi",
    provenance: Mapping[str, str] | None = None,
    head: c.StateHead | None = None,
) -> c.Content:
    """The document of one procedure: facts, table of steps, legal basis, picture."""
    blocks: list[c.Block] = [head] if head else []
    blocks += procedure_blocks(procedure, language=language)
    title = t(language, "export.internal.title", name=procedure.name)
    return c.Content(title, tuple(blocks), "", language, dict(provenance or {}))


def procedure_blocks(procedure: Procedure, *, language: Language = "vi", level: int = 1) -> list[c.Block]:
    """The parts of a document that describe one procedure."""
    table = process_table(procedure)
    facts = procedure.facts
    blocks: list[c.Block] = [c.Heading(t(language, "export.internal.general"), level)]
    gap = t(language, "export.gap")
    declared = declared_text(facts.limit_hours, language)
    lines = [
        t(language, "export.internal.code", code=facts.code or gap),
        t(language, "export.internal.limit", limit=declared) if declared else t(language, "export.internal.no_limit"),
        t(language, "export.internal.count", steps=len(table.rows), units=len(set(procedure.lanes.values())) or gap),
    ]
    blocks.append(c.Bullets(tuple((line, False) for line in lines)))
    if facts.description:
        blocks.append(c.Paragraph(facts.description))
    blocks.append(c.Heading(t(language, "export.internal.steps"), level))
    blocks.append(_table_block(procedure.name, table, language))
    blocks += _remarks(table, language)
    cited = [*facts.legal_basis, *(s for row in table.rows for s in facts.of(row.step).legal_basis)]
    blocks.append(c.Heading(t(language, "export.internal.basis"), level))
    if cited:
        items = [(f"{s.text} ({s.source})" if s.source else s.text, not s.verified) for s in cited]
        blocks.append(c.Bullets(tuple(dict.fromkeys(items))))
    else:
        blocks.append(c.Paragraph(t(language, "export.internal.no_basis"), "note"))
    blocks.append(c.Heading(t(language, "export.internal.picture"), level))
    drawing = draw_bpmn(
        procedure.bpmn,
        lanes=procedure.lanes,
        lane_order=procedure.lane_order,
        name=procedure.name,
        language=language,
        facts=facts,
        deadlines=False,
        narrow=True,
    )
    caption = t(language, "export.internal.figure", name=procedure.name)
    blocks.append(c.Figure(procedure_picture(drawing), caption, partial(procedure_parts, drawing)))
    return blocks


def declared_text(hours: float | None, language: Language) -> str:
    """The declared limit of a procedure; empty when there is none."""
    if hours == 0:
        return t(language, "export.internal.same_day")
    return t(language, "export.internal.working", limit=limit_text(hours, language)) if hours else ""


def _step_limit(hours: float | None, language: Language) -> str:
    if hours is None:
        return t(language, "export.gap")
    return limit_text(hours, language) if hours else t(language, "export.internal.no_time")


def _table_block(name: str, table: ProcessTable, language: Language) -> c.Table:
    gap = t(language, "export.gap")
    rows = []
    for number, row in enumerate(table.rows, 1):
        note = f" ({t(language, f'export.internal.when.{row.when}')})" if row.when else ""
        rows.append(
            (str(number), row.step + note, row.unit or gap, _step_limit(row.limit_hours, language), row.form or "–")
        )
    total = limit_text(table.total_hours, language) if table.total_hours is not None else gap
    rows.append(("", t(language, "export.internal.total"), "", total, ""))
    heads = ("no", "step", "unit", "time", "form")
    widths: Sequence[tuple[float, c.Align]] = (
        (0.9, "centre"),
        (4.2, "left"),
        (3.3, "left"),
        (1.5, "centre"),
        (1.9, "left"),
    )
    columns = tuple(
        c.Column(t(language, f"export.internal.column.{key}"), width, align)
        for key, (width, align) in zip(heads, widths, strict=True)
    )
    return c.Table(
        columns,
        tuple(rows),
        t(language, "export.internal.caption", name=name),
        note=_cases_note(table, language),
        total=True,
    )


def _cases_note(table: ProcessTable, language: Language) -> str:
    some = any(row.when == "case" for row in table.rows)
    return t(language, "export.internal.cases", share=format_percent(USUAL, language, 0)) if some else ""


def _remarks(table: ProcessTable, language: Language) -> list[c.Block]:
    out: list[c.Block] = []
    if table.without_limit:
        text = t(language, "export.internal.unknown_limits", steps=format_number(table.without_limit, language))
        out.append(c.Paragraph(text, "note"))
    if table.contradicts:
        text = t(
            language,
            "export.internal.contradiction",
            total=limit_text(table.total_hours, language),
            declared=declared_text(table.declared_hours, language),
        )
        out.append(c.Paragraph(text, "finding"))
    return out
