"""Which of our groups a unit of a portal file is, by the names provinces are known by."""

from __future__ import annotations

import re
import unicodedata

from workbench.indicators.portal_scores import PortalScores
from workbench.reference import provinces

_KIND = re.compile(r"^(ubnd |uy ban nhan dan )?(tinh|thanh pho|tp\.?) ")


def province_units(scores: PortalScores) -> dict[str, str]:
    """Names of units in a file to the codes of the provinces they are; other names are left out.

    "Thái Nguyên", "Tỉnh Thái Nguyên", "UBND tỉnh Thái Nguyên" and "H55" are the same unit.
    """
    codes = {_bare(text): one.h_code for one in provinces() for text in (one.name, one.h_code)}
    found = {}
    for name in dict.fromkeys(scores.table["group"]):
        code = codes.get(_bare(str(name)))
        if code is not None:
            found[str(name)] = code
    return found


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    text = "".join(char for char in plain if not unicodedata.combining(char))
    return _KIND.sub("", " ".join(text.split())).strip()
