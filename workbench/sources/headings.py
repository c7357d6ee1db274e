"""Headings and what they mean: folded names looked up in `headings.toml`."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

_PERSONAL = (
    "hoten", "hovaten", "nguoi", "canbo", "chuyenvien", "lanhdao", "responsible", "actor", "resource", "user",
    "phone", "dienthoai", "sodt", "sdt", "email", "thudientu", "cccd", "cmnd", "sogiayto", "dinhdanh", "diachi", "address",
    "ngaysinh", "namsinh", "birth", "gioitinh", "gender", "ghichu", "note", "trichyeu", "noidung", "mota", "description",
    "thongtin", "lydo", "password", "matkhau", "payload", "metadata", "chuhoso", "applicant", "taikhoan", "account", "hochieu", "passport", "masothue", "fax", "comment",
    "originator", "creator", "editor", "approver", "inserter", "blocker", "handler", "reviewer", "manager", "owner",
    "requester", "clerk", "agent", "employee", "staff", "worker", "assignee", "author", "supervisor", "inspector", "aantekening", "landregister", "thuadat", "toadoc", "signer", "nguoiky", "delegate", "contact",
)  # fmt: skip
"""Parts of folded headings of fields that name or describe a person or hold free text about one."""
_PERSONAL_EXACT = frozenset({"ten", "name", "fullname", "chu", "owner", "customer", "client"})


def fold(heading: str) -> str:
    """A heading without diacritics, case, spaces and marks: "Mã hồ sơ" and "MA_HO_SO" are "mahoso"."""
    bare = unicodedata.normalize("NFD", heading).replace("đ", "d").replace("Đ", "d")
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in bare if not unicodedata.combining(c)).lower())


def is_case(heading: str) -> bool:
    """Whether a heading marks an attribute of the case: `case:…` or `(case)_…`."""
    return heading.lower().startswith(("case:", "(case)"))


def case_part(heading: str) -> str:
    """The heading without its case mark."""
    return re.sub(r"^(case:|\(case\)[_ ]*)", "", heading, flags=re.IGNORECASE)


def is_personal(heading: str) -> bool:
    """Whether a heading sounds like personal data or free text about a person."""
    folded = fold(case_part(heading))
    return folded in _PERSONAL_EXACT or any(part in folded for part in _PERSONAL)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = (resources.files("workbench.sources") / "headings.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _index(part: str) -> dict[str, list[tuple[str, int]]]:
    """Folded heading to (target, rank) for `names`, `case` or `event`."""
    index: dict[str, list[tuple[str, int]]] = {}
    for target, lists in _table().items():
        for rank, name in enumerate(lists.get(part, [])):
            index.setdefault(name, []).append((target, rank))
    return index


def candidates(heading: str, role: str | None) -> Iterator[tuple[str, str, int]]:
    """What a heading may mean, as (target, how, rank): surest first.

    how: canonical, heading, scoped (only as a case or an event attribute), similar.
    """
    whole, case = fold(heading), is_case(heading)
    folded = fold(case_part(heading))
    if case and whole == "caseconceptname":
        yield "dossier_code", "heading", 0
        return
    for target, rank in _index("names").get(folded, []):
        if not (case and target in _EVENT_ONLY):
            yield target, "canonical" if heading == target else "heading", rank
    scopes = ["case"] if case or role == "dossier" else ["event", "case"] if role != "pause" else []
    for scope in scopes:
        for target, rank in _index(scope).get(folded, []):
            yield target, "scoped", rank
    if folded not in _index("names") and not any(folded in _index(scope) for scope in scopes):
        yield from _similar(folded, case)


_EVENT_ONLY = frozenset({"label", "completed_at", "started_at", "unit", "role", "officer", "step_due_at", "transition"})


def _similar(folded: str, case: bool) -> Iterator[tuple[str, str, int]]:
    if len(folded) < 6:
        return
    index = _index("names")
    for name in difflib.get_close_matches(folded, index, n=2, cutoff=0.88):
        for target, rank in index[name]:
            if not (case and target in _EVENT_ONLY):
                yield target, "similar", rank
    for name, targets in index.items():
        if len(name) >= 8 and len(folded) <= 2 * len(name) and (folded.startswith(name) or folded.endswith(name)):
            for target, rank in targets:
                if not (case and target in _EVENT_ONLY):
                    yield target, "similar", 100 + rank


def nearest(target: str, columns: Sequence[str]) -> list[str]:
    """Up to three columns whose headings come nearest to those known for `target`."""
    known = _table().get(target, {}).get("names", [])
    scored = sorted(
        ((max((difflib.SequenceMatcher(None, fold(column), name).ratio() for name in known), default=0.0), column)
         for column in columns),
        reverse=True,
    )  # fmt: skip
    return [column for score, column in scored[:3] if score >= 0.5]
