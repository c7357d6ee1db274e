"""What a page shows, as its address says it: selection, language, clock and the page's own parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self, get_args
from urllib.parse import parse_qsl, urlencode

from workbench.columns import CLOCKS
from workbench.errors import SelectionError
from workbench.i18n import LANGUAGES, Language
from workbench.selection import Selection

_SELECTION = frozenset(item.name for item in fields(Selection))
_SHARED = ("lang", "clock", "by", "names")
"""Parameters that go along from page to page; the others belong to one page."""

NAMES = ("proposed", "labels")
"""Step names: the vocabulary with unreviewed proposals for what it lacks, or labels as recorded."""
BY = ("province_2025", "province_code", "agency_code", "level", "channel")
"""What may be compared as organisations."""
FIELDS_BY = {"province_2025": "provinces_2025", "province_code": "provinces", "agency_code": "agencies",
             "level": "levels", "channel": "channels"}  # fmt: skip
"""The field of a selection that chooses among them."""


@dataclass(frozen=True, slots=True)
class View:
    """One view of the store; equal addresses give equal views."""

    selection: Selection = field(default_factory=Selection)
    language: Language = "vi"
    clock: str = "portal"
    by: str = "province_2025"
    names: str = "proposed"
    params: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_search(cls, search: str | None, defaults: Mapping[str, Any] | None = None) -> Self:
        """The view of the query part of an address; `defaults` gives language and clock where it is silent.

        Raises SelectionError for a value that is not allowed.
        """
        given = dict(parse_qsl((search or "").lstrip("?")))
        base = {"lang": "vi", "clock": "portal", "by": "province_2025", **(defaults or {})}
        return cls(
            selection=Selection.from_query(search or ""),
            language=_one_of("lang", given.get("lang") or base["lang"], get_args(Language)),
            clock=_one_of("clock", given.get("clock") or base["clock"], CLOCKS),
            by=_one_of("by", given.get("by") or base["by"], BY),
            names=_one_of("names", given.get("names") or NAMES[0], NAMES),
            params={key: value for key, value in given.items() if key not in _SELECTION and key not in _SHARED},
        )

    def param(self, name: str, default: str = "", choices: tuple[str, ...] = ()) -> str:
        """A parameter of the page; a value outside `choices` counts as not given."""
        value = self.params.get(name, default)
        return value if not choices or value in choices else default

    def number(self, name: str, default: float) -> float:
        """A numeric parameter of the page; what is not a number counts as not given."""
        try:
            return float(self.params[name])
        except (KeyError, ValueError):
            return default

    def select(self, **changes: Any) -> Self:
        """This view with another selection."""
        return replace(self, selection=self.selection.with_(**changes))

    def with_params(self, **changes: str | None) -> Self:
        """This view with some parameters of the page set, or dropped where None."""
        merged = {**self.params, **changes}
        return replace(self, params={key: value for key, value in merged.items() if value is not None})

    def search(self, *, page: bool = True) -> str:
        """The query part of the address, `?` included; without the page's own parameters unless `page`.

        Language and clock are always named, so that a pasted address means the same under other settings.
        """
        kept = [("lang", self.language), ("clock", self.clock)]
        if self.by != BY[0]:
            kept.append(("by", self.by))
        if self.names != NAMES[0]:
            kept.append(("names", self.names))
        own = sorted(self.params.items()) if page else []
        text = "&".join(part for part in (self.selection.to_query(), urlencode(own + kept)) if part)
        return f"?{text}"


def language_of(search: str | None, default: Language) -> Language:
    """The language an address asks for, whatever else is wrong with it."""
    wanted = dict(parse_qsl((search or "").lstrip("?"))).get("lang")
    return wanted if wanted in LANGUAGES else default  # type: ignore[return-value]


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> Any:
    if value not in choices:
        raise SelectionError(
            f"{name} is {value!r}.", fix=f"Choose one of: {', '.join(choices)}.", field=name, value=value
        )
    return value
