"""Organisations as filed: H-codes from names and statistical codes, and from the dossier's code.

Any organisation code is allowed; what is no province stays as it is.
"""

from __future__ import annotations

import re
from datetime import timedelta

from workbench.intake.values import literal
from workbench.intake.variables import Variables
from workbench.intake.workplace import Workplace
from workbench.reference import SWITCH_DAY, all_2025, province_of_gso, provinces
from workbench.sources.headings import fold
from workbench.store.schema import quote

MOST_NAMES = 20_000
_LAST_DAY = SWITCH_DAY - timedelta(days=1)
_TITLE = re.compile(r"^(tinh|thanhpho|tp)(?=[a-z])")
_AGENCY = r"^(\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{1,4}){0,3})-\d{6}-\d{4,}$"


def from_dossier_code(code: str) -> str:
    """SQL for the province a dossier code begins or ends its agency with; null when it has none."""
    agency = f"regexp_extract({code}, {literal(_AGENCY)}, 1)"
    return f"nullif(regexp_extract({agency}, '[A-Z]\\d{{2}}'), '')"


def agency_of(code: str) -> str:
    """SQL for the agency in a dossier code; null when the code has not the prescribed form."""
    return f"nullif(regexp_extract({code}, {literal(_AGENCY)}, 1), '')"


def province(place: Workplace, source: str, column: str, value: str, day: str | None) -> str:
    """SQL for the organisation in a column: names and statistical codes of provinces become H-codes.

    A statistical code is read with its day, because seven codes of 2025 were another province's before; `day` is
    SQL for that day, or None when the table has none.
    """
    found = place.con.execute(
        f"select distinct trim({quote(column)}::varchar) from {source} where {quote(column)} is not null limit {MOST_NAMES}"
    ).fetchall()
    texts = [text for (text,) in found if text]
    before, after, names = dict[str, str](), dict[str, str](), _names()
    if texts and all(re.fullmatch(r"\d{2}", text) for text in texts):
        old_codes = {text: province_of_gso(text, _LAST_DAY) for text in texts}
        new_codes = {text: province_of_gso(text, SWITCH_DAY) for text in texts}
        before = {text: old_codes[text] or new_codes[text] or text for text in texts}
        after = {text: new_codes[text] or before[text] for text in texts}
    for text in texts:
        code = names.get(_TITLE.sub("", fold(text)))
        if code is not None and text != code:
            before[text] = after[text] = code
    if not before:
        return value
    old, new = (f"coalesce(map_extract_value({_map(place.variables, m)}, {value}), {value})" for m in (before, after))
    if day is None or before == after:
        return old
    return f"case when {day} >= date '{SWITCH_DAY:%Y-%m-%d}' then {new} else {old} end"


def _names() -> dict[str, str]:
    names = {fold(one.name): one.h_code for one in all_2025()}
    names.update({fold(one.name): one.h_code for one in provinces()})
    return names


def _map(variables: Variables, pairs: dict[str, str]) -> str:
    return variables.put({"key": list(pairs), "value": list(pairs.values())})
