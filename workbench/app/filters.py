"""The filter line under the head: what the figures are about, every part of it clickable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from workbench.app import names
from workbench.app.bind import Bound, bind
from workbench.app.components import icon, period_text
from workbench.app.ids import Ids
from workbench.app.view import BY
from workbench.app.workspace import Page
from workbench.columns import CLOCKS
from workbench.selection import Selection

ids = Ids(
    "filter",
    "procedure",
    "months",
    "provinces_2025",
    "provinces",
    "channels",
    "levels",
    "outcomes",
    "service_levels",
    "applicant_types",
    "agencies",
    "closed",
    "clock",
    "by",
    "pills",
    "presets",
)

MANY = {
    "provinces_2025": "province_2025",
    "provinces": "province_code",
    "channels": "channel",
    "levels": "level",
    "outcomes": "outcome",
    "service_levels": "service_level",
    "applicant_types": "applicant_type",
    "agencies": "agency_code",
}
"""Fields of a selection that hold lists, with the column they choose in."""

bind(
    Bound(ids.procedure, "procedure"),
    Bound(ids.months, "start/end", kind="months"),
    *(Bound(getattr(ids, name), name, kind="many") for name in MANY),
    Bound(ids.closed, "closed", default="all"),
    Bound(ids.clock, "clock", default="portal"),
    Bound(ids.by, "by", default="province_2025"),
)


@dataclass(frozen=True, slots=True)
class Pill:
    """One clickable part of the line."""

    name: str
    icon: str
    controls: list[Any]


def filter_line(page: Page) -> html.Div:
    """All pills; their labels are filled by `labels` whenever the address changes."""
    return html.Div(
        [_pill(page, pill) for pill in _pills(page)],
        className="wb-filters",
        role="group",
        **{"aria-label": page.t("app.filter.group")},
    )


def choices_of(page: Page) -> list[list[dict[str, str]]]:
    """What can be chosen: procedures, then the values of each of `MANY`."""
    return [_procedures(page), *(_values(page, column) for column in MANY.values())]


def _procedures(page: Page) -> list[dict[str, str]]:
    found: list[dict[str, str]] = page.prepared("procedures", lambda: names.procedure_options(page))
    return found


def _values(page: Page, column: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = page.prepared(f"values {column}", lambda: names.options(page, column))
    return found


def labels(page: Page) -> list[str]:
    """What each pill says for the page's view, in the order of `PILLS`."""
    return [_LABELS[name](page) for name in PILLS]


def active(page: Page) -> list[bool]:
    """Which pills choose something."""
    s, v = page.selection, page.view
    more = any(getattr(s, name) for name in ("levels", "outcomes", "service_levels", "applicant_types", "agencies"))
    return [
        s.procedure is not None,
        bool(s.provinces_2025 or s.provinces),
        bool(s.start or s.end),
        bool(s.channels),
        more or s.closed is not None,
        v.clock != "portal" or v.by != "province_2025",
    ]


PILLS = ("procedure", "organisations", "period", "channel", "more", "clock")


def _pills(page: Page) -> list[Pill]:
    more = [_many(page, name) for name in ("levels", "outcomes", "service_levels", "applicant_types", "agencies")]
    return [
        Pill("procedure", "file-stack", [_procedure(page)]),
        Pill("organisations", "building-bank", [_many(page, "provinces_2025"), _many(page, "provinces")]),
        Pill("period", "calendar", [_months(page)]),
        Pill("channel", "world", [_many(page, "channels")]),
        Pill("more", "filter", [*more, _closed(page)]),
        Pill("clock", "clock", [_clock(page), _by(page)]),
    ]


def _pill(page: Page, pill: Pill) -> dmc.Popover:
    target = html.Button(
        [
            icon(pill.icon, 16),
            html.Span("", id={"type": "pill", "name": pill.name}),
        ],
        className="wb-pill",
        type="button",
        id={"type": "pill-button", "name": pill.name},
        **{"aria-haspopup": "dialog"},
    )
    title = page.t(f"app.filter.{pill.name}")
    inside = html.Div(pill.controls, className="wb-pill-body", role="group", **{"aria-label": title})
    return dmc.Popover(
        [dmc.PopoverTarget(target), dmc.PopoverDropdown(inside)],
        position="bottom-start",
        shadow="md",
        withinPortal=True,
        withRoles=False,
        trapFocus=True,
        returnFocus=True,
        transitionProps={"duration": 120},
    )


def _procedure(page: Page) -> dmc.Select:
    return dmc.Select(
        id=ids.procedure,
        label=page.t("app.filter.procedure"),
        data=_procedures(page),
        value=page.selection.procedure,
        placeholder=page.t("app.filter.all_procedures"),
        searchable=True,
        clearable=True,
        maxDropdownHeight=320,
        limit=200,
        w=420,
        maw="86vw",
        nothingFoundMessage=page.t("app.filter.nothing"),
        comboboxProps={"withinPortal": False},
        clearButtonProps={"aria-label": page.t("app.filter.clear")},
    )


def _many(page: Page, name: str) -> dmc.MultiSelect:
    data = _values(page, MANY[name])
    return dmc.MultiSelect(
        id=getattr(ids, name),
        label=page.t(f"app.filter.{name}"),
        data=data,
        value=list(getattr(page.selection, name)),
        placeholder=page.t("app.filter.all") if data else page.t("app.filter.no_values"),
        searchable=True,
        clearable=True,
        hidePickedOptions=False,
        maxDropdownHeight=260,
        limit=200,
        w=340,
        maw="86vw",
        nothingFoundMessage=page.t("app.filter.nothing"),
        comboboxProps={"withinPortal": False},
        clearButtonProps={"aria-label": page.t("app.filter.clear")},
    )


def _months(page: Page) -> dmc.MonthPickerInput:
    s = page.selection
    days = [s.start.isoformat() if s.start else None, s.end.replace(day=1).isoformat() if s.end else None]
    found = names.choices(page)
    return dmc.MonthPickerInput(
        id=ids.months,
        type="range",
        label=page.t("app.filter.period"),
        description=page.t("app.filter.period_hint"),
        value=days,
        valueFormat="MM/YYYY",
        monthsListFormat="MM",
        yearLabelFormat="YYYY",
        minDate=found.first_day.date().isoformat() if found.first_day else None,
        maxDate=found.last_day.date().isoformat() if found.last_day else None,
        placeholder=page.t("app.filter.all_times"),
        clearable=True,
        allowSingleDateInRange=True,
        popoverProps={"withinPortal": False},
        w=300,
        maw="86vw",
        clearButtonProps={"aria-label": page.t("app.filter.clear")},
    )


def _closed(page: Page) -> dmc.Select:
    closed = page.selection.closed
    return _select(page, "closed", ("all", "true", "false"), "all" if closed is None else str(closed).lower())


def _clock(page: Page) -> dmc.Select:
    return _select(page, "clock", CLOCKS, page.view.clock, hint=True)


def _by(page: Page) -> dmc.Select:
    return _select(page, "by", BY, page.view.by, hint=True)


def _select(page: Page, name: str, values: tuple[str, ...], value: str, *, hint: bool = False) -> dmc.Select:
    return dmc.Select(
        id=getattr(ids, name),
        label=page.t(f"app.filter.{name}"),
        description=page.t(f"app.filter.{name}_hint") if hint else None,
        data=[{"value": item, "label": page.t(f"app.{name}.{item}")} for item in values],
        value=value,
        allowDeselect=False,
        w=340,
        maw="86vw",
        comboboxProps={"withinPortal": False},
    )


def _procedure_label(page: Page) -> str:
    code = page.selection.procedure
    return page.t("app.filter.all_procedures") if code is None else names.procedure(page, code)


def _organisations_label(page: Page) -> str:
    chosen = [names.organisation(page, code, "province_2025") for code in page.selection.provinces_2025]
    chosen += [names.organisation(page, code, "province_code") for code in page.selection.provinces]
    return _some(page, chosen, "app.filter.all_organisations")


def _period_label(page: Page) -> str:
    s = page.selection
    if s.start and s.end:
        return period_text(page, (s.start.isoformat(), s.end.isoformat()))
    if s.start:
        return page.t("app.filter.since", day=page.day(s.start))
    return page.t("app.filter.until", day=page.day(s.end)) if s.end else page.t("app.filter.all_times")


def _channel_label(page: Page) -> str:
    chosen = [names.value_name(page, "channel", value) for value in page.selection.channels]
    return _some(page, chosen, "app.filter.all_channels")


def _more_label(page: Page) -> str:
    s = page.selection
    columns = ("levels", "outcomes", "service_levels", "applicant_types", "agencies")
    chosen = [names.value_name(page, MANY[name], value) for name in columns for value in getattr(s, name)]
    if s.closed is not None:
        chosen.append(page.t(f"app.closed.{str(s.closed).lower()}"))
    return _some(page, chosen, "app.filter.more")


def _clock_label(page: Page) -> str:
    clock = page.t("app.filter.clock_is", clock=page.t(f"app.clock.{page.view.clock}"))
    return clock if page.view.by == "province_2025" else f"{clock} · {page.t(f'app.by.{page.view.by}')}"


def _some(page: Page, chosen: list[str], otherwise: str) -> str:
    if not chosen:
        return page.t(otherwise)
    first = ", ".join(chosen[:2])
    return first if len(chosen) <= 2 else page.t("app.filter.and_more", first=first, n=len(chosen) - 2)


_LABELS = {
    "procedure": _procedure_label,
    "organisations": _organisations_label,
    "period": _period_label,
    "channel": _channel_label,
    "more": _more_label,
    "clock": _clock_label,
}


def stack(page: Page) -> html.Div:
    """Every filter in force as a chip that leads to the view without it; nothing is hidden in a counter."""
    chips = [_stacked(page, name, text, target) for name, text, target in _in_force(page)]
    if not chips:
        return html.Div(page.t("app.filter.stack_none"), className="wb-stack-filters wb-caption")
    bare = replace(page.view, selection=Selection(procedure=page.selection.procedure))
    clear = [dcc.Link(page.t("app.filter.stack_clear"), href=bare.search(), className="wb-stack-clear")]
    return html.Div(
        [html.Span(page.t("app.filter.stack"), className="wb-caption"), *chips, *(clear if len(chips) > 2 else [])],
        className="wb-stack-filters", role="group", **{"aria-label": page.t("app.filter.group")},
    )  # fmt: skip


def _in_force(page: Page) -> list[tuple[str, str, str]]:
    """(field, value in words, address without it) of every single value chosen."""
    s = page.selection
    out: list[tuple[str, str, str]] = []
    if s.procedure is not None:
        out.append(("procedure", names.procedure(page, s.procedure), page.view.select(procedure=None).search()))
    if s.start or s.end:
        out.append(("period", _period_label(page), page.view.select(start=None, end=None).search()))
    for field in (*MANY, "units", "steps", "variants_of_procedure"):
        values = getattr(s, field)
        for value in values:
            rest = tuple(other for other in values if other != value)
            out.append((field, _in_words(page, field, value), page.view.select(**{field: rest}).search()))
    if s.closed is not None:
        out.append(("closed", page.t(f"app.closed.{str(s.closed).lower()}"), page.view.select(closed=None).search()))
    return out


def _in_words(page: Page, field: str, value: str) -> str:
    if field in ("provinces", "provinces_2025"):
        return names.organisation(page, value, MANY[field])
    return names.value_name(page, MANY[field], value) if field in MANY else value


def _stacked(page: Page, field: str, text: str, target: str) -> Any:
    what = page.t(f"app.filter.{field}")
    remove = page.t("app.filter.stack_remove", what=what, value=text)
    return html.Span(
        [
            html.Span(what, className="wb-stacked-name"),
            html.Span(text, className="wb-stacked-value", title=text),
            dcc.Link([icon("x", 13), html.Span(remove, className="wb-hidden-text")], href=target, title=remove,
                     className="wb-stacked-remove"),
        ],
        className="wb-stacked",
    )  # fmt: skip
