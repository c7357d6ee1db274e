"""Records of a JSON file, one at a time: an object with arrays, a bare array, or one object a line.

The file is parsed as a stream of tokens, so a dump of many gigabytes on a single line needs the memory of one
record.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import ijson

from workbench.errors import FormatError
from workbench.sources.opening import not_a_log, open_plain

MAX_RECORD_TOKENS = 200_000
"""A record of more tokens is no dossier; its array is not one of records."""
_SNIFF_TOKENS = 5_000


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file in order: objects inside arrays, or the top-level objects when they hold the fields.

    Raises FormatError when the file is cut off or not JSON, or holds no record.
    """
    at_top = _records_at_top(path)
    count = 0
    with open_plain(path) as stream:
        _skip_mark(stream, path)
        try:
            for record in _built(ijson.basic_parse(stream, multiple_values=True, use_float=True), at_top, path):
                count += 1
                yield record
        except ijson.JSONError as exc:
            raise FormatError(
                f"{path} is cut off or not well-formed JSON after {count:,} records: {_first_line(exc)}.",
                fix="Copy or export it again; nothing was loaded.",
                path=str(path),
                records=count,
            ) from exc
    if not count:
        raise not_a_log(path, "it is JSON without records")


def _first_line(exc: Exception) -> str:
    text = exc.args[0] if exc.args else exc
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return str(text).splitlines()[0][:120] if str(text) else "unexpected end"


def _skip_mark(stream: IO[bytes], path: Path) -> None:
    head = stream.peek(4)[:4] if hasattr(stream, "peek") else b""
    if head.startswith(codecs.BOM_UTF8):
        stream.read(3)
    elif b"\0" in head:
        raise FormatError(f"{path} is JSON in UTF-16.", fix="Save it as UTF-8.", path=str(path))


def _records_at_top(path: Path) -> bool:
    """Whether the top-level objects are the records (one a line, or a single one) rather than their wrapping."""
    own: set[str] = set()
    inner: set[str] = set()
    with open_plain(path) as stream:
        _skip_mark(stream, path)
        try:
            for depth, key in _first_keys(stream):
                (own if depth == 1 else inner).add(key.lower())
        except ijson.JSONError:
            pass  # the pass that reads the records says what is wrong
    if "mahoso" in own or "mahoso" in inner:
        return "mahoso" in own
    return bool(own) and (not inner or len(own) >= max(5, len(inner)))


def _first_keys(stream: IO[bytes]) -> Iterator[tuple[int, str]]:
    """Depth and name of the plain fields at the top and of those of objects in arrays, of the first tokens."""
    containers: list[str] = []
    key = ""
    tokens = ijson.basic_parse(stream, multiple_values=True, use_float=True)
    for _, (event, value) in zip(range(_SNIFF_TOKENS), tokens, strict=False):
        if event in ("start_map", "start_array"):
            containers.append(event)
        elif event in ("end_map", "end_array"):
            containers.pop()
            if not containers:
                return
        elif event == "map_key":
            key = value
        elif containers == ["start_map"] or containers[-2:] == ["start_array", "start_map"]:
            yield (1 if len(containers) == 1 else 2), key


def _built(tokens: Any, at_top: bool, path: Path) -> Iterator[dict[str, Any]]:
    """Objects built from tokens: those at the top, or the outermost ones inside arrays."""
    containers: list[str] = []
    for event, _ in tokens:
        if event == "start_map":
            if (at_top and not containers) or (containers and containers[-1] == "array"):
                yield _object(tokens, path)
            else:
                containers.append("map")
        elif event == "start_array":
            containers.append("array")
        elif event in ("end_map", "end_array"):
            containers.pop()


def _object(tokens: Any, path: Path) -> dict[str, Any]:
    """The object whose start was just read."""
    top: dict[str, Any] = {}
    stack: list[Any] = [top]
    key: str | None = None
    keys: list[str | None] = []
    for count, (event, value) in enumerate(tokens):
        if event == "map_key":
            key = value
            continue
        if event in ("end_map", "end_array"):
            stack.pop()
            if not stack:
                return top
            key = keys.pop()
            continue
        item: Any = {} if event == "start_map" else [] if event == "start_array" else value
        holder = stack[-1]
        if isinstance(holder, dict):
            holder[key] = item
        else:
            holder.append(item)
        if event in ("start_map", "start_array"):
            stack.append(item)
            keys.append(key)
        if count > MAX_RECORD_TOKENS:
            raise not_a_log(path, f"one object in it has more than {MAX_RECORD_TOKENS:,} parts")
    raise ijson.IncompleteJSONError("the last record has no end")
