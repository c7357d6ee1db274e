"""SQL that turns a source's text into canonical values: text, codes, numbers, flags.

The lists of words here are constants of the workbench, not values of a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from workbench.reference import PROCEDURE_CODE_PATTERN, statuses
from workbench.sources.headings import fold
from workbench.sources.sniff import EMPTY

_UNTIDY = r"^\s|\s$|\s\s|[\t\r\n\p{M}\x{a0}\x{2000}-\x{200f}\x{202f}\x{feff}]"
_SPACE = r"[\s\p{Z}\x{200b}\x{feff}]+"


def literal(text: str) -> str:
    """A constant of the workbench as SQL text."""
    return "'" + text.replace("'", "''") + "'"


def one_of(value: str, words: Iterable[str]) -> str:
    """Whether a text is one of some constants.

    Not an `in`: DuckDB makes a join of a longer one, which it keeps in queries that need nothing of it.
    """
    mark = "\x01"
    return f"contains({literal(mark + mark.join(words) + mark)}, {literal(mark)} || {value} || {literal(mark)})"


def clean(value: str, *, loose: bool) -> str:
    """Text in NFC with white space folded, null when empty; `loose` also takes "-", "null" and the like for empty."""
    tidy = f"nullif(trim(regexp_replace(nfc_normalize({value}), '{_SPACE}', ' ', 'g')), '')"
    text = f"case when regexp_matches({value}, '{_UNTIDY}') then {tidy} else nullif({value}, '') end"
    if not loose:
        return text
    nothing = one_of(f"lower(trim({value}))", tuple(sorted(word for word in EMPTY if word)))
    return f"case when length({value}) <= 10 and {nothing} then null else {text} end"


def untidy(value: str) -> str:
    """Whether `clean` would change a text."""
    return f"regexp_matches({value}, '{_UNTIDY}') or {value} = ''"


def maybe_untidy(value: str) -> str:
    """Whether `clean` might change a text: quickly told of codes, which are ASCII without spaces."""
    return f"strlen({value}) <> length({value}) or contains({value}, ' ') or {value} = ''"


def folded(value: str) -> str:
    """Text without diacritics, case, spaces and marks, as `headings.fold` makes it."""
    return f"regexp_replace(replace(strip_accents(lower({value})), 'đ', 'd'), '[^a-z0-9]', '', 'g')"


def coded(value: str, codes: Mapping[str, str], known: tuple[str, ...], *, keep: bool) -> str:
    """The canonical value of a code or of its text; what is not known stays as it is (`keep`) or becomes null."""
    branches = " ".join(f"when {literal(code)} then {literal(name)}" for code, name in codes.items())
    other = value if keep else "null"
    words = f"case {folded(value)} {branches} else {other} end"
    return f"case when {one_of(value, known)} then {value} else {words} end"


CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("1", "tructiep", "noptructiep", "taiquay", "motcua", "taimotcua", "desk", "counter", "direct"), "desk"),
        **dict.fromkeys(
            ("2", "tructuyen", "noptructuyen", "quamang", "truongmang", "dichvucong", "online", "internet", "email", "dvctt",
             "congdichvucong", "congdvc", "congdvcqg"),
            "online",
        ),
        **dict.fromkeys(("3", "buuchinh", "quabuuchinh", "buuchinhcongich", "bcci", "buudien", "post", "mail", "postal"), "post"),
    }
)  # fmt: skip
SERVICE_LEVELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("1", "2", "mucdo1", "mucdo2", "cungcapthongtin", "thongtin"), "information"),
        **dict.fromkeys(("3", "mucdo3", "motphan", "tructuyenmotphan", "dvctructuyenmotphan"), "partial"),
        **dict.fromkeys(("4", "mucdo4", "toantrinh", "tructuyentoantrinh", "dvctructuyentoantrinh"), "full"),
    }
)
LEVELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("captinh", "tinh", "so", "capso", "songanh", "sobannganh"), "province"),
        **dict.fromkeys(("caphuyen", "huyen", "quanhuyen", "quan", "thixa"), "district"),
        **dict.fromkeys(("capxa", "xa", "phuong", "xaphuong", "phuongxa", "thitran", "xaphuongthitran"), "commune"),
    }
)
_CITIZEN = ("congdan", "canhan", "nguoidan", "citizen", "person")
_BUSINESS = ("doanhnghiep", "tochuc", "business", "company", "congty", "hokinhdoanh")
_STATE = ("coquannhanuoc", "coquan", "cqnn", "state", "government")
APPLICANTS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("1", *_CITIZEN), "citizen"),
        **dict.fromkeys(("2", *_BUSINESS), "business"),
        **dict.fromkeys(("3", *_STATE), "state"),
        **dict.fromkeys(("4", "khac", "other"), "other"),
    }
)
APPLICANTS_FROM_ZERO: Mapping[str, str] = MappingProxyType(
    {**APPLICANTS, "0": "citizen", "1": "business", "2": "state", "3": "other"}
)
"""The newer list of codes, which begins at 0; a column with a 0 in it uses this one."""
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("datraketqua", "daxulyxong", "hoanthanh", "dagiaiquyet", "giaiquyetxong", "datra", "dongy", "capphep",
                         "duyet", "closed", "completed", "approved"), "done"),
        **dict.fromkeys(("ruthoso", "rut", "congdanrut", "congdanyeucauruthoso", "tralai", "withdrawn"), "returned"),
        **dict.fromkeys(("tuchoi", "khongtiepnhan", "khongduoctiepnhan", "rejected"), "refused"),
        **dict.fromkeys(("dungxuly", "dung", "cancelled"), "stopped"),
        **dict.fromkeys(("dangxuly", "dangthuly", "danggiaiquyet", "processing"), "open"),
    }
)  # fmt: skip
REASONS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("5", "bosung", "yeucaubosung", "yeucaubosunggiayto", "bosunghoso"), "supplement"),
        **dict.fromkeys(
            ("6", "nghiavutaichinh", "thuchiennghiavutaichinh", "yeucauthuchiennghiavutaichinh", "thue", "nopthue"),
            "financial_duty",
        ),
    }
)
_STATUS_WORDS = {
    1: ("moi", "moinop", "chotiepnhan", "new"),
    2: ("datiepnhan", "tiepnhan", "receiving"),
    3: ("tuchoi", "tuchoitiepnhan", "khongtiepnhan", "denied"),
    4: ("dangthuly", "dangtrongquytrinh", "processing"),
    5: ("yeucaubosung", "chobosung", "bosung", "bosunghoso", "correcting"),
    6: ("nghiavutaichinh", "chothuchiennghiavutaichinh", "paying"),
    7: ("ruthoso", "daruthoso", "darut", "cancelled"),
    8: ("dung", "tamdung", "dungthuchien", "unresolved"),
    9: ("daxuly", "coketqua", "dacoketqua", "chotraketqua", "hoanthanh", "daxulyxongchotraketqua", "releasing"),
    10: ("datra", "traketqua", "donghoso", "ketthuc", "done"),
}
"""Words live systems use beside the ten official names; the English ones are OpenCPS's."""


def status_code(value: str) -> str:
    """The dossier status 1-10 of a number or a text; null when it is none."""
    words = {fold(status.name_vi): status.code for status in statuses()}
    words.update({fold(word): code for code, known in _STATUS_WORDS.items() for word in known})
    branches = " ".join(f"when {literal(word)} then {code}" for word, code in words.items())
    number = f"try_cast({value} as double)"
    return (
        f"case when {number} between 1 and 10 and {number} = floor({number}) then {number}::integer "
        f"when {number} is null then case {folded(value)} {branches} end end"
    )


def status_name(code: str) -> str:
    """The official Vietnamese name of a status."""
    return f"case {code} " + " ".join(f"when {s.code} then {literal(s.name_vi)}" for s in statuses()) + " end"


def flag(value: str) -> str:
    """A boolean; null when the text is neither yes nor no."""
    text = folded(f"{value}::varchar")
    yes = one_of(text, ("1", "true", "co", "x", "yes", "y", "t", "dung", "duoc", "daxacthuc"))
    no = one_of(text, ("0", "false", "khong", "no", "n", "f", "chua"))
    return f"case when {yes} then true when {no} then false end"


def number(value: str) -> str:
    """An amount: 50000, 50.000, 50,000.5 or 1.234.567,8 (a group of three digits is thousands)."""
    text = f"regexp_replace({value}, '[ \\x{{a0}}]|(VND|vnd|VNĐ|đ|₫)$', '', 'g')"
    dotted = f"regexp_matches({text}, '^[+-]?\\d{{1,3}}(\\.\\d{{3}})+(,\\d+)?$')"
    commaed = f"regexp_matches({text}, '^[+-]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d+)?$')"
    return (
        f"case when {dotted} then try_cast(replace(replace({text}, '.', ''), ',', '.') as double) "
        f"when {commaed} then try_cast(replace({text}, ',', '') as double) "
        f"else try_cast(replace({text}, ',', '.') as double) end"
    )


def procedure_code(value: str) -> str:
    """The national part of a procedure code; another text stays as it is."""
    return f"coalesce(nullif(regexp_extract({value}, {literal(PROCEDURE_CODE_PATTERN)}, 1), ''), {value})"


def procedure_case(value: str) -> str:
    """The number of the procedure's case in its code, or null."""
    return f"nullif(regexp_extract({value}, {literal(PROCEDURE_CODE_PATTERN)}, 3), '')"
