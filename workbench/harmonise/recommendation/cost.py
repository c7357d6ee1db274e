"""Compliance cost of a procedure by the standard cost model.

Cost of one dossier = hours of the required tasks x average income per hour + purchased services + fees and charges; per
year = cost of one dossier x dossiers a year; benefit = current - after. Low-average figures, no opportunity cost.
Source of the formula: Article 27, Circular 02/2017/TT-VPCP. The form of the income per hour (GDP per head / 12 / 22 / 8)
and the default hours are general knowledge and *unverified*: every parameter is shown and can be changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from workbench.errors import SettingError, TooFewCases
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

TARGET_2025, TARGET_2026 = 0.30, 0.50
"""Cuts asked for against 2024: 30 % in 2025, 50 % in 2026. Source: Resolution 66/NQ-CP, 26/3/2025, as reported."""


@dataclass(frozen=True, slots=True)
class CostParameters:
    """What the model multiplies. Hours are per dossier unless named otherwise; money is VND.

    All defaults are unverified; `unverified` names those a person has not yet confirmed.
    """

    gdp_per_head_vnd: float = 114_000_000.0
    months: int = 12
    days_a_month: int = 22
    hours_a_day: int = 8
    papers: float = 4.0
    hours_per_paper: float = 1.0
    hours_submit_desk: float = 2.0
    hours_submit_online: float = 0.5
    hours_submit_post: float = 1.0
    hours_receive_desk: float = 2.0
    hours_receive_online: float = 0.25
    hours_per_supplement: float = 3.0
    purchased_services_vnd: float = 0.0
    fee_vnd: float | None = None
    """None takes the mean fee recorded in the log."""
    unverified: tuple[str, ...] = (
        "gdp_per_head_vnd",
        "papers",
        "hours_per_paper",
        "hours_submit_desk",
        "hours_submit_online",
        "hours_submit_post",
        "hours_receive_desk",
        "hours_receive_online",
        "hours_per_supplement",
        "purchased_services_vnd",
    )

    @property
    def income_per_hour_vnd(self) -> float:
        """Average income of one working hour."""
        return self.gdp_per_head_vnd / self.months / self.days_a_month / self.hours_a_day

    @property
    def hours_spared_online(self) -> float:
        """Applicant's hours a dossier filed and received online needs less than one at the desk."""
        return self.hours_submit_desk - self.hours_submit_online + self.hours_receive_desk - self.hours_receive_online

    def confirmed(self, **values: float) -> CostParameters:
        """These parameters with some values given by a person, no longer unverified; negative values are refused."""
        for name, value in values.items():
            if name not in self.__dataclass_fields__ or value < 0:
                raise SettingError(f"{name} is {value!r}.", fix="Give a known parameter of at least 0.", name=name)
        rest = tuple(name for name in self.unverified if name not in values)
        return replace(self, unverified=rest, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Practice:
    """How a procedure is used, as the log shows it or as it would be after a change."""

    dossiers_a_year: float
    desk_share: float
    online_share: float
    post_share: float
    supplements_per_dossier: float
    fee_vnd: float


@dataclass(frozen=True, slots=True)
class ComplianceCost(Result):
    """Cost of one dossier by task, and of a year."""

    tasks: pd.DataFrame
    """task, hours, vnd (both per dossier)."""
    per_dossier_vnd: float
    per_year_vnd: float
    practice: Practice
    parameters: CostParameters
    basis: Basis


@dataclass(frozen=True, slots=True)
class CostChange(Result):
    """Before and after, with the cut against the targets."""

    before: ComplianceCost
    after: ComplianceCost
    saved_vnd_a_year: float
    cut: float
    """Share of the yearly cost saved, 0 to 1."""
    reaches_2025: bool
    reaches_2026: bool


def observed_practice(store: LogStore, selection: Selection) -> tuple[Practice, Basis]:
    """Channels, supplements, fees and yearly volume of a selection; an empty one raises TooFewCases."""
    basis = store.basis(selection)
    if basis.n_dossiers == 0 or basis.period is None:
        raise TooFewCases("The selection holds no dossier.", fix="Widen the selection.", dossiers=0)
    d = store.dossiers(selection)
    row = store.fetch(
        d.aggregate(
            online=(d.channel == "online").fill_null(False).mean(),
            post=(d.channel == "post").fill_null(False).mean(),
            supplements=d.supplement_count.fill_null(0).mean(),
            fee=d.fee_vnd.mean(),
        )
    ).iloc[0]
    first, last = (pd.Timestamp(day) for day in basis.period)
    years = max(((last - first).days + 1) / 365.25, 1 / 12)
    online, post = float(row["online"]), float(row["post"])
    practice = Practice(
        dossiers_a_year=basis.n_dossiers / years,
        desk_share=max(0.0, 1.0 - online - post),
        online_share=online,
        post_share=post,
        supplements_per_dossier=float(row["supplements"]),
        fee_vnd=0.0 if pd.isna(row["fee"]) else float(row["fee"]),
    )
    return practice, basis


def compliance_cost(practice: Practice, basis: Basis, parameters: CostParameters | None = None) -> ComplianceCost:
    """The standard cost of a practice."""
    p = parameters or CostParameters()
    hours = {
        "prepare": p.papers * p.hours_per_paper,
        "submit": practice.desk_share * p.hours_submit_desk
        + practice.online_share * p.hours_submit_online
        + practice.post_share * p.hours_submit_post,
        "supplement": practice.supplements_per_dossier * p.hours_per_supplement,
        "receive": (1 - practice.online_share) * p.hours_receive_desk + practice.online_share * p.hours_receive_online,
    }
    rows = [{"task": task, "hours": h, "vnd": h * p.income_per_hour_vnd} for task, h in hours.items()]
    fee = practice.fee_vnd if p.fee_vnd is None else p.fee_vnd
    rows += [
        {"task": "services", "hours": 0.0, "vnd": p.purchased_services_vnd},
        {"task": "fees", "hours": 0.0, "vnd": fee},
    ]
    tasks = pd.DataFrame(rows)
    one = float(tasks["vnd"].sum())
    return ComplianceCost(tasks, one, one * practice.dossiers_a_year, practice, p, basis)


def cost_change(
    before: ComplianceCost, after_practice: Practice, *, parameters: CostParameters | None = None
) -> CostChange:
    """What a changed practice saves, with the same parameters unless the change lowers some (papers, services, fee)."""
    after = compliance_cost(after_practice, before.basis, parameters or before.parameters)
    saved = before.per_year_vnd - after.per_year_vnd
    cut = saved / before.per_year_vnd if before.per_year_vnd else 0.0
    return CostChange(before, after, saved, cut, cut >= TARGET_2025, cut >= TARGET_2026)
