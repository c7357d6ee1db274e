"""SQL of Ibis expressions, kept by shape: expressions that differ in their texts, numbers and moments are compiled once.

Compiling takes Ibis 2 to 50 ms of processor time, walking through the expression about one. The text of a shape is made
with marks in the place of its values. It is used for others only if, with the first expression's own values in
the place of the marks, it is to the letter what Ibis writes for that expression.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

Compile = Callable[[ir.Expr], str]
Varying = Any
"""A literal or a table in memory: what differs between expressions of one shape are values and names of tables."""
_MOST = 2000
_MARK_YEAR = 7000
"""Marked moments lie in the years after this one; a shape with more values than there are years is not kept."""
_MARK_NUMBER = 7_310_000_000_000_000
_MOST_VALUES = 900


class Shapes:
    """The SQL of the shapes that were compiled; shared by threads."""

    def __init__(self) -> None:
        self._texts: OrderedDict[Any, tuple[str, ...] | None] = OrderedDict()
        self._lock = threading.Lock()

    def sql(self, backend: Any, expression: ir.Expr, compile_: Compile) -> str:
        """What `compile_` makes of an expression."""
        found = _shape(expression.op())
        if found is None:
            return compile_(expression)
        shape, values = found
        with self._lock:
            known = shape in self._texts
            if known:
                self._texts.move_to_end(shape)
            parts = self._texts.get(shape)
        if not known:
            text = compile_(expression)
            self._keep(shape, _parts(backend, expression, values, compile_, text))
            return text
        return compile_(expression) if parts is None else _filled(backend, parts, values)

    def _keep(self, shape: Any, parts: tuple[str, ...] | None) -> None:
        with self._lock:
            self._texts[shape] = parts
            while len(self._texts) > _MOST:
                self._texts.popitem(last=False)


def _shape(root: ops.Node) -> tuple[Any, list[Varying]] | None:
    """What an expression is but for its values, and those; None where it cannot be told."""
    places: dict[ops.Node, int] = {}
    values: list[Varying] = []
    lines: list[Any] = []

    def place(node: ops.Node) -> int:
        if node not in places:
            if _varies(node):
                lines.append((type(node), node.dtype if isinstance(node, ops.Literal) else node.schema, len(values)))
                values.append(node)
            else:
                lines.append((type(node), *map(part, node.__args__)))
            places[node] = len(places)
        return places[node]

    def part(arg: Any) -> Any:
        if isinstance(arg, ops.Node):
            return ("node", place(arg))
        if isinstance(arg, tuple):
            return tuple(map(part, arg))
        if isinstance(arg, dict):
            return tuple((name, part(value)) for name, value in arg.items())
        return None if hasattr(arg, "compile") and hasattr(arg, "con") else arg  # whose table it is

    try:
        place(root)
        hash(shape := tuple(lines))
    except (TypeError, RecursionError, _Unknown):
        return None
    return (shape, values) if len(values) < _MOST_VALUES else None


class _Unknown(Exception):
    """A part of an expression that is made anew each time."""


def _varies(node: ops.Node) -> bool:
    if isinstance(node, ops.ScalarUDF | ops.AggUDF):
        raise _Unknown
    if isinstance(node, ops.InMemoryTable):
        return True
    if not isinstance(node, ops.Literal):
        return False
    # One dossier of every k is read of a sample, and k differs from selection to selection.
    return isinstance(node.value, str | datetime | date) or (type(node.value) is int and node.value > 1)


def _parts(
    backend: Any, expression: ir.Expr, values: list[Varying], compile_: Compile, text: str
) -> tuple[str, ...] | None:
    """The text of a shape, cut at its values: text, place of a value, text, ..., text."""
    if not values:
        return (text,)
    try:
        marks = {value: _mark(value, number) for number, value in enumerate(values)}
        marked = compile_(expression.op().replace(marks).to_expr())
    except Exception:  # a value that Ibis takes apart: the expression is compiled each time
        return None
    written = {_written(backend, mark): str(number) for number, mark in enumerate(marks.values())}
    pieces = re.split("(" + "|".join(map(re.escape, written)) + ")", marked)
    parts = tuple(written.get(piece, piece) if number % 2 else piece for number, piece in enumerate(pieces))
    return parts if _filled(backend, parts, values) == text else None


def _mark(value: Varying, number: int) -> Varying:
    if isinstance(value, ops.InMemoryTable):
        return value.copy(name=f"marked {number} table")
    if isinstance(value.value, str):
        return value.copy(value=f"\x02{number}\x03")
    if isinstance(value.value, int):
        return ops.Literal(_MARK_NUMBER + number, dtype="int64")
    if isinstance(value.value, datetime):
        return value.copy(
            value=value.value.replace(year=_MARK_YEAR + number, month=3, day=4, hour=5, minute=6, second=7)
        )
    return value.copy(value=date(_MARK_YEAR + number, 3, 4))


def _filled(backend: Any, parts: tuple[str, ...], values: list[Varying]) -> str:
    written = [_written(backend, value) for value in values]
    return "".join(written[int(part)] if number % 2 else part for number, part in enumerate(parts))


def _written(backend: Any, value: Varying) -> str:
    """A value, or the name of a table in memory, as Ibis writes it into SQL."""
    if isinstance(value, ops.InMemoryTable):
        return '"' + value.name.replace('"', '""') + '"'
    made = backend.compiler.visit_Literal(value, value=value.value, dtype=value.dtype)
    return str(made.sql(dialect=backend.dialect))
