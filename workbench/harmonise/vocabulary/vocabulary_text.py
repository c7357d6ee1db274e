"""Step labels as text: what two offices may have written for the same step.

Labels come with typos, abbreviations ("HS", "TTHC"), missing diacritics, other word order, step numbers and codes.
`normal_form` removes what is only spelling; `text_similarity` compares what is left by character n-grams and words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

ABBREVIATIONS: dict[str, str] = {
    "hs": "ho so",
    "hoso": "ho so",
    "tthc": "thu tuc hanh chinh",
    "tt": "thu tuc",
    "kq": "ket qua",
    "tn": "tiep nhan",
    "tnhs": "tiep nhan ho so",
    "trkq": "tra ket qua",
    "tkq": "tra ket qua",
    "tnttkq": "tiep nhan va tra ket qua",
    "tn&tkq": "tiep nhan va tra ket qua",
    "mc": "mot cua",
    "bp": "bo phan",
    "bpmc": "bo phan mot cua",
    "cv": "chuyen vien",
    "cb": "can bo",
    "cc": "cong chuc",
    "ld": "lanh dao",
    "tp": "truong phong",
    "pp": "pho phong",
    "pgd": "pho giam doc",
    "gd": "giam doc",
    "ct": "chu tich",
    "pct": "pho chu tich",
    "vt": "van thu",
    "vp": "van phong",
    "vpdk": "van phong dang ky",
    "vpdkdd": "van phong dang ky dat dai",
    "cnvpdk": "chi nhanh van phong dang ky",
    "pc": "phan cong",
    "tl": "thu ly",
    "td": "tham dinh",
    "xl": "xu ly",
    "pd": "phe duyet",
    "ky": "ky",
    "bs": "bo sung",
    "yc": "yeu cau",
    "ycbs": "yeu cau bo sung",
    "nvtc": "nghia vu tai chinh",
    "ubnd": "uy ban nhan dan",
    "ttpvhcc": "trung tam phuc vu hanh chinh cong",
    "ttpvhc": "trung tam phuc vu hanh chinh",
    "ttp": "trung tam phuc vu",
    "hcc": "hanh chinh cong",
    "gcn": "giay chung nhan",
    "gp": "giay phep",
    "qd": "quyet dinh",
    "dk": "dang ky",
    "dd": "dat dai",
    "bg": "ban giao",
    "ktra": "kiem tra",
    "kt": "kiem tra",
    "xm": "xac minh",
    "ttr": "to trinh",
    "dt": "du thao",
    "pyc": "phieu yeu cau",
    "cq": "co quan",
    "dv": "don vi",
    "cm": "chuyen mon",
    "cqt": "co quan thue",
    "nsd": "nguoi su dung",
}
"""Abbreviations seen in one-stop software, without diacritics; an organisation's own ones are added by review."""

_CODE = re.compile(r"^\s*(?:\(?\s*(?:[a-z]{1,6})?\s*[-_.:]?\s*\d+(?:[.\-_]\d+)*\s*[)\].:_\-/]+\s*)+")
"""A step number or code before the words: "B1. ", "2) ", "MC03 - ", "Bước 4: "."""
_BRACKET = re.compile(r"^\s*[\[(][^\])]{1,12}[\])]\s*")
"""A unit's short name in brackets before the words: "[CM] "."""
_TAIL_CODE = re.compile(r"[\s_\-]*[\[(]\s*[a-z]{0,4}[-_.]?\d+\s*[\])]\s*$")
_NUMBER_WORDS = {"hai": "2", "ba": "3"}
_ORDINAL = re.compile(r"\blan (hai|ba)\b")
_SPLIT = re.compile(r"[^a-z0-9&]+")


def strip_diacritics(text: str) -> str:
    """`text` in lower case without Vietnamese marks: "Thẩm định" gives "tham dinh"."""
    folded = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(char for char in folded if not unicodedata.combining(char))


def normal_form(label: str) -> str:
    """The label's words without diacritics, step numbers and known abbreviations, in their order."""
    bare = strip_diacritics(label)
    bare = _TAIL_CODE.sub("", _BRACKET.sub("", _CODE.sub("", bare))) or bare
    words = [word for word in _SPLIT.split(bare) if word]
    return _ORDINAL.sub(
        lambda found: f"lan {_NUMBER_WORDS[found[1]]}", " ".join(ABBREVIATIONS.get(w, w) for w in words)
    )


def is_code(label: str) -> bool:
    """Whether a label is a code ("01_HOOFD_010") and not words: it has a digit, no space and no small letter."""
    return any(char.isdigit() for char in label) and not any(char.isspace() or char.islower() for char in label)


def numbers(form: str) -> tuple[str, ...]:
    """The numbers a normal form speaks of: "tham dinh lan 2" is another step than "tham dinh lan 1"."""
    return tuple(sorted(re.findall(r"\d+", form)))


def text_similarity(labels: Sequence[str]) -> NDArray[np.float64]:
    """Similarity of every two labels, 0 to 1, shape (n, n), symmetric, 1 on the diagonal.

    The larger of two cosine similarities of character n-grams (2 to 4) of the normal form: words in their order, and
    words sorted, so that another word order costs nothing.
    """
    forms = [normal_form(label) or "?" for label in labels]
    ordered = _cosine(forms)
    free = _cosine([" ".join(sorted(form.split())) for form in forms])
    out = np.maximum(ordered, free)
    np.fill_diagonal(out, 1.0)
    return out


def _cosine(forms: Sequence[str]) -> NDArray[np.float64]:
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, use_idf=len(set(forms)) > 20)
    matrix = grams.fit_transform(forms)
    return np.clip(np.asarray((matrix @ matrix.T).todense(), dtype=float), 0.0, 1.0)
