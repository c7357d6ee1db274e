"""Encodings are recognised; TCVN3, VNI and Windows-1258 are told from text that only looks foreign."""

from __future__ import annotations

import unicodedata

import pytest

from workbench.sources import encodings

TEXT = (
    "Mã hồ sơ; Nội dung xử lý; Thời điểm; người nộp; phòng ban; tiếp nhận hồ sơ, chuyển thẩm định, "
    "yêu cầu bổ sung giấy tờ, trả kết quả đăng ký kết hôn cho công dân ở xã Đông Hưng, ngưỡng, kỹ thuật"
)
TONES = {"\u0300": "ø", "\u0301": "ù", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
CIRCUMFLEX = dict(zip(["", *TONES], "âàáåãä", strict=True))
BREVE = dict(zip(["", *TONES], "êèéúüë", strict=True))
SINGLE = {"đ": "ñ", "ơ": "ô", "ư": "ö", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}


def to_tcvn3(text: str) -> str:
    """Unicode to the Latin-1 characters of an ABC font, capital vowels with tones written small as the fonts do."""
    table = {chr(new) if isinstance(new, int) else new: chr(old) for old, new in encodings._TCVN3.items()}
    return "".join(table.get(char, table.get(char.lower(), char)) for char in text)


def to_vni(text: str) -> str:
    """Unicode to the Windows-1252 characters of a VNI font, by the font's own rules."""
    return "".join(vni_letter(char) for char in text)


def vni_letter(char: str) -> str:
    if char.lower() in SINGLE:
        out = SINGLE[char.lower()]
    else:
        base, *marks = unicodedata.normalize("NFD", char.lower())
        tone = next((mark for mark in marks if mark in TONES), "")
        if "\u0302" in marks:
            out = base + CIRCUMFLEX[tone]
        elif "\u0306" in marks:
            out = base + BREVE[tone]
        elif "\u031b" in marks:
            out = SINGLE[{"o": "ơ", "u": "ư"}[base]] + TONES.get(tone, "")
        else:
            out = base + TONES.get(tone, "")
    return out.upper() if char.isupper() else out


def to_1258(text: str) -> bytes:
    """Unicode to Windows-1258: a letter with its hat, then the tone."""
    out = b""
    for char in text:
        marks = unicodedata.normalize("NFD", char)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
        out += (letter + "".join(mark for mark in marks if mark in TONES)).encode("cp1258")
    return out


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (TEXT.encode(), "utf-8"),
        (b"plain text only", "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (to_tcvn3(TEXT).encode("latin-1"), "tcvn3"),
        (to_vni(TEXT).encode("cp1252"), "vni"),
        (to_1258(TEXT), "windows-1258"),
        ("Behörde für coördinatie, façade, Größe, été, garçon".encode("latin-1"), None),
    ],
)
def test_the_encoding_of_a_sample(sample: bytes, name: str | None):
    assert encodings.detect(sample) == name


def test_a_few_broken_characters_do_not_change_the_encoding():
    assert encodings.detect(TEXT.encode() * 3 + b"\xff\n") == "utf-8"


def test_a_sample_may_end_inside_a_character():
    assert encodings.detect(TEXT.encode()[:2]) == "utf-8"


def test_legacy_text_becomes_unicode():
    assert encodings.from_tcvn3(to_tcvn3(TEXT)) == TEXT
    assert encodings.from_vni(to_vni(TEXT)) == TEXT
    assert encodings.from_1258(to_1258(TEXT).decode("cp1258")) == TEXT
    assert encodings.from_vni(to_vni("ĐĂNG KÝ KẾT HÔN")) == "ĐĂNG KÝ KẾT HÔN"


def test_legacy_codes_inside_unicode_text_are_recognised():
    assert encodings.legacy_of(to_tcvn3(TEXT)) == "tcvn3"
    assert encodings.legacy_of(to_vni(TEXT)) == "vni"
    assert encodings.legacy_of(TEXT) is None
    assert encodings.legacy_of("coördinatie façade Größe été garçon naïve") is None


@pytest.mark.parametrize("word", ["nghiêng", "Quyết", "ương", "uỷ", "thuế", "đăng", "kỹ", "yêu"])
def test_syllables(word: str):
    assert encodings.is_syllable(word)


@pytest.mark.parametrize("word", ["Größe", "hå", "façade", "ế̀"])
def test_what_is_no_syllable(word: str):
    assert not encodings.is_syllable(word)
