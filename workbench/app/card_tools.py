"""Tools in the corner of a card: its data as a file, and the Python that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from workbench.app.asked import GRAPH_SAMPLE, check_options, indicator_options, unify_options
from workbench.app.components import hinted, icon
from workbench.app.workspace import Page


def _tracked(page: Page) -> dict[str, Any]:
    from workbench.app.tracking_panel import tracking_options

    return tracking_options(page)


CALLS: Mapping[str, tuple[str, Callable[[Page], dict[str, Any]]]] = {
    "watch": ("watch_list", lambda page: {"clock": page.view.clock}),
    "on_time": ("on_time", lambda page: {"by": page.view.by}),
    "clocks": ("on_time", lambda _: {}),
    "paths": ("dfg", lambda _: {"sample": GRAPH_SAMPLE}),
    "steps": ("performance", lambda _: {}),
    "handovers": ("performance", lambda _: {}),
    "variants": ("variants", lambda _: {}),
    "causes": ("waiting", lambda page: {"by": page.view.by}),
    "transitions": ("waiting", lambda page: {"by": page.view.by}),
    "recommendations": ("recommend", lambda page: {"by": page.view.by}),
    "indicators": ("indicators", lambda _: {}),
    "organisations_lost": ("indicators", lambda page: {"by": page.view.by}),
    "quality": ("quality", lambda _: {}),
    "months": ("workbench.app.facts:by_month", lambda _: {}),
    "organisations": ("workbench.app.facts:by_organisation", lambda page: {"by": page.view.by}),
    "week": ("workbench.app.facts:week_hours", lambda _: {}),
    "map": ("workbench.app.facts:by_organisation", lambda _: {"by": "province_2025"}),
    "signatures": (
        "workbench.app.signatures:signatures",
        lambda page: {"by": page.view.by, "too_few": page.few},
    ),
    "breaches": ("workbench.mining.deadlines:recorded_breaches", lambda page: {"by": page.view.by}),
    "deviations": ("workbench.app.models:check", check_options),
    "conformance": ("workbench.app.models:check", check_options),
    "step_deadlines": ("workbench.app.models:check", check_options),
    "deviating": (
        "workbench.app.models:deviating",
        lambda page: {"deviation": tuple(page.view.param("dev").partition("|")[::2]), **check_options(page)},
    ),
    "cheapest": ("workbench.app.indicators:country_and_organisations", indicator_options),
    "reconciliation": ("workbench.app.indicators:country_and_organisations", indicator_options),
    "quarantine": ("quarantine", lambda _: {}),
    "limits": ("workbench.reference:check_limits", lambda _: {}),
    "cost": ("cost", lambda page: {"by": page.view.by}),
    "online": (
        "workbench.harmonise.recommendation.online_readiness:online_readiness",
        lambda page: {"by": page.view.by, "too_few_cases": page.few},
    ),
    "unified": ("workbench.app.unified:unify", unify_options),
    "candidates": ("workbench.app.unified:unify", unify_options),
    "migration": ("workbench.app.unified:unify", unify_options),
    "plan": (
        "workbench.harmonise.migration.migration:migration_plan",
        lambda page: {"by": page.view.by, "too_few_cases": page.few},
    ),
    "tracking": ("workbench.harmonise.migration.tracking:track_distance", _tracked),
    "tracking_change": ("workbench.harmonise.migration.tracking:track_distance", _tracked),
    "variation": ("workbench.app.unified:vary", lambda page: {"by": page.view.by}),
    "vocabulary": ("propose_vocabulary", lambda _: {}),
}
_WHOLE = ("quality", "quarantine")
"""Methods that are about the store as a whole."""
_FROM_MODEL = {"migration_plan": "{}", "track_distance": "{}", "vary": "model={}"}
"""How the steps that start from the unified procedure are given it."""
_LIMITS = """from workbench.reference import check_limits, onestop_workflows, reference_processes

check_limits([*reference_processes(), *onestop_workflows()])"""
"""The Python behind a table of `downloads.TABLES`: a method of `workbench.api.Log`, or `module:step` of a step that takes
the store and a selection; and the options besides the selection."""


def data_tools(page: Page, table: str, call: str | None = None, **options: Any) -> list[Any]:
    """Download links for a table of `downloads.TABLES`, and the Python behind the figure.

    `call` is written with the page's selection and `options`; where none is given it is the one of `CALLS`.
    """
    if call is None and table in CALLS:
        call, asked = CALLS[table]
        options = {**asked(page), **options}
    return [*([_code(page, call, options)] if call else []), _download(page, table)]


def _download(page: Page, table: str) -> Any:
    query = page.view.search()
    links = [
        html.A(ending.upper(), href=f"/download/{table}.{ending}{query}", download=f"{table}.{ending}",
               className="wb-menu-link")
        for ending in ("csv", "xlsx")
    ]  # fmt: skip
    return _corner(page.t("app.download"), "download", html.Div(links, className="wb-menu"))


def _code(page: Page, call: str, options: Mapping[str, Any]) -> Any:
    text = python_call(page, call, options)
    body = html.Div(
        [
            dmc.Code(text, block=True, className="wb-code"),
            dmc.CopyButton(value=text, children=page.t("app.copy"), copiedChildren=page.t("app.copied"), size="xs",
                           variant="default"),
        ],
        className="wb-stack-s",
    )  # fmt: skip
    return _corner(page.t("app.code"), "code", body, width=440)


def python_call(page: Page, call: str, options: Mapping[str, Any]) -> str:
    """The Python that makes a figure, ready to paste."""
    chosen = {
        name: tuple(value) if isinstance(value, list) else value for name, value in page.selection.to_dict().items()
    }
    opened = f'log = wb.open("{page.space.path}", read_only=True)'
    if call == "workbench.reference:check_limits":
        return _LIMITS
    if call == "cost":
        return _cost(opened, _arguments(chosen), options)
    if ":" not in call:
        arguments = "" if call in _WHOLE else _arguments({**chosen, **options})
        return f"import workbench as wb\n\n{opened}\nlog.{call}({arguments})"
    module, step = call.split(":")
    if step in _FROM_MODEL:
        return _from_model(page, call, options, opened=opened, chosen=_arguments(chosen))
    asked = ", ".join(part for part in ("log.store", f"Selection({_arguments(chosen)})", _arguments(options)) if part)
    imports = f"import workbench as wb\nfrom {module} import {step}\nfrom workbench.selection import Selection"
    return f"{imports}\n\n{opened}\n{step}({asked})"


def _cost(opened: str, chosen: str, options: Mapping[str, Any]) -> str:
    """The cost with what the recommendations spare; `parameters` are the values people entered."""
    given, by = _arguments(options.get("parameters", {})), options["by"]
    asked = ", ".join(part for part in (chosen, f"by={by!r}") if part)
    priced = ", ".join(part for part in (chosen, "parameters=parameters", "recommendations=moves.items") if part)
    imports = "import workbench as wb\nfrom workbench.harmonise.recommendation.cost import CostParameters"
    return f"""{imports}

{opened}
parameters = CostParameters().confirmed({given})
moves = log.recommend({asked})
log.cost({priced})"""


def _from_model(page: Page, call: str, options: Mapping[str, Any], *, opened: str, chosen: str) -> str:
    module, step = call.split(":")
    given = f"{_FROM_MODEL[step].format('found.result.bpmn')}, {_arguments(options)}"
    same = "unify, " if module == "workbench.app.unified" else ""
    imports = [f"from {module} import {same}{step}", "from workbench.selection import Selection"]
    if not same:
        imports.insert(0, "from workbench.app.unified import unify")
    return "\n".join(
        [*(["import datetime", ""] if "datetime.date" in given else []), "import workbench as wb", *imports, "", opened, f"chosen = Selection({chosen})",
         f"found = unify(log.store, chosen, {_arguments(unify_options(page))})", f"{step}(log.store, chosen, {given})"]
    )  # fmt: skip


def _arguments(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in facts.items())


def _corner(label: str, icon_name: str, body: Any, *, width: int | None = None) -> Any:
    target = dmc.ActionIcon(icon(icon_name, 17), variant="subtle", color="gray", **{"aria-label": label})
    sized = {"width": width} if width else {}
    return dmc.Popover(
        [dmc.PopoverTarget(hinted(target, label)), dmc.PopoverDropdown(body)],
        position="bottom-end", withinPortal=True,
        withRoles=False, trapFocus=True, returnFocus=True, **sized,
    )  # fmt: skip
