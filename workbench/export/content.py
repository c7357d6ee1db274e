"""What a document says, apart from how a format shows it: Word and HTML are made from the same content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.export.picture import Picture, parts_of
from workbench.i18n import Language

Align = Literal["left", "right", "centre"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the highest."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `unverified` marks general knowledge that must be checked before use."""

    text: str
    style: Literal["body", "note", "centre", "finding"] = "body"
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; an item and whether it is unverified."""

    items: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: heading, share of the width, alignment of its cells."""

    heading: str
    width: float = 1.0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of finished texts; the last row is a total when `total` is set."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    total: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """The numbers of a bar chart, in the order shown; None is a gap."""

    values: tuple[tuple[str, float | None], ...]
    unit: str = ""
    digits: int = 0
    marked: tuple[str, ...] = ()
    """Names that stand out."""
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption; a wide one is cut into parts where the format has pages."""

    picture: Picture
    caption: str
    parts: Callable[[float], list[Picture]] | None = None
    """How the picture itself would be cut into parts of at most that width."""
    bars: Bars | None = None
    """The same picture as a chart that people can edit, for formats that have charts."""

    def cut(self, width: float) -> list[Picture]:
        """The picture in parts no wider than `width` pixels."""
        return self.parts(width) if self.parts else parts_of(self.picture, width)


@dataclass(frozen=True, slots=True)
class StateHead:
    """The head of a state document: issuing agency, motto, place and day; empty facts are left as dots."""

    agency: str = ""
    parent: str = ""
    number: str = ""
    place: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """Recipients on the left, the signer's title and name on the right."""

    recipients: tuple[str, ...] = ()
    title: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """The place of the table of contents."""


@dataclass(frozen=True, slots=True)
class Break:
    """A new page."""


Block = Heading | Paragraph | Bullets | Table | Figure | StateHead | Signature | Contents | Break


@dataclass(frozen=True, slots=True)
class Content:
    """A document: title, blocks, and what it was made from."""

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    language: Language = "vi"
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Store version, hashes of loads, parameters, clock, software: what is needed to make it again."""
