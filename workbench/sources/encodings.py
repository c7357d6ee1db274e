"""Which encoding a text file has, and the legacy Vietnamese ones made readable.

TCVN3 (ABC fonts) and VNI fonts store Vietnamese letters under the codes of Western ones, so such a file
decodes without error and is wrong: "Hå s¬" is "Hồ sơ". They are recognised by reading the text under every
hypothesis and counting how many of its accented words are Vietnamese syllables.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

_MARKED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦", _MARKED + "ĂÂĐÊÔƠƯ"
)
_VNI_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_VOWELS = {"â": "â", "à": "ầ", "á": "ấ", "å": "ẩ", "ã": "ẫ", "ä": "ậ"}
_VNI_BREVE = {"ê": "ă", "è": "ằ", "é": "ắ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ"}
_VNI_SINGLE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}

_ONSET = "(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x)?"
_NUCLEUS = "(?:iê|yê|uyê|uô|ươ|oă|oa|oe|uâ|uê|uơ|uy|uya|ia|ua|ưa|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y|oo)"
_SYLLABLE = re.compile(f"{_ONSET}{_NUCLEUS}(?:ch|ng|nh|c|m|n|p|t|i|y|o|u)?$")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WORD = re.compile(r"[^\s\d_,;:.!?(){}\[\]/\\|\"'<>=+*&%#@$^~`\-–—]+")


def is_syllable(word: str) -> bool:
    """Whether a word has the shape of a Vietnamese syllable: onset, vowel, coda and at most one tone."""
    letters = unicodedata.normalize("NFD", word.lower())
    tones = sum(letters.count(tone) for tone in _TONES)
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    return tones <= 1 and _SYLLABLE.match(bare) is not None


def vietnamese_share(text: str) -> tuple[float, int]:
    """The share of words with letters beyond ASCII that are Vietnamese syllables, and the number of such words."""
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    return (sum(map(is_syllable, words)) / len(words), len(words)) if words else (0.0, 0)


def from_tcvn3(text: str) -> str:
    """Text of an ABC font, given as the Latin-1 characters of its codes."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """Text of a VNI font, given as the Windows-1252 characters of its codes."""
    return _VNI_PAIR.sub(_vni_pair, text)


_MARKS = "".join({**_VNI_TONES, **_VNI_VOWELS, **_VNI_BREVE})
_VNI_PAIR = re.compile(
    f"([aeouyôöAEOUYÔÖ])([{_MARKS}{_MARKS.upper()}])|([{''.join(_VNI_SINGLE)}{''.join(_VNI_SINGLE).upper()}])"
)


def _vni_pair(found: re.Match[str]) -> str:
    base, mark, single = found.groups()
    if single:
        return _cased(_VNI_SINGLE[single.lower()], single)
    small, mark = base.lower(), mark.lower()
    letter = _VNI_SINGLE.get(small, small)
    if mark in _VNI_TONES:
        return _cased(unicodedata.normalize("NFC", letter + _VNI_TONES[mark]), base)
    if small == "a" and mark in _VNI_BREVE:
        return _cased(_VNI_BREVE[mark], base)
    if small in "aeo" and mark in _VNI_VOWELS:
        tone = unicodedata.normalize("NFD", _VNI_VOWELS[mark])[1:]
        return _cased(unicodedata.normalize("NFC", small + tone), base)
    return _cased(letter, base) + found.group(2)


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter


def from_1258(text: str) -> str:
    """Text of Windows-1258, given as decoded by Python, its combining marks composed."""
    return unicodedata.normalize("NFC", text)


LEGACY: Mapping[str, tuple[str, Callable[[str], str]]] = MappingProxyType(
    {"tcvn3": ("latin-1", from_tcvn3), "vni": ("cp1252", from_vni), "windows-1258": ("cp1258", from_1258)}
)
"""Name to (the codec its bytes are decoded with, what makes the characters Vietnamese)."""


def legacy_of(text: str) -> str | None:
    """The legacy encoding whose reading makes `text` Vietnamese, or None when it is fine as it is.

    For text that is already decoded: a UTF-8 file or a workbook whose cells hold TCVN3 or VNI codes.
    """
    own, words = vietnamese_share(text)
    if words < 3:
        return None
    best, name = max((vietnamese_share(LEGACY[name][1](text))[0], name) for name in ("tcvn3", "vni"))
    return name if best >= 0.8 and best > own + 0.3 else None


def detect(sample: bytes) -> str | None:
    """The encoding of a file from a sample of its bytes; None when none fits.

    `utf-8`, `utf-16`, `utf-16-le`, `utf-16-be` or a name of LEGACY. Only the sample is judged.
    """
    if (wide := wide_encoding(sample)) is not None:
        return wide
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    broken, beyond = text.count("\ufffd"), sum(char > "\x7f" for char in text)
    if broken <= 0.05 * beyond:  # a few broken characters are refused with their rows
        return "utf-8"
    scores = []
    for name, (codec, convert) in LEGACY.items():
        share, words = vietnamese_share(convert(sample.decode(codec, "replace")))
        scores.append((share if words else 0.0, name))
    share, name = max(scores)
    return name if share >= 0.6 else None


def wide_encoding(sample: bytes) -> str | None:
    """The UTF-16 a sample is in, by its mark or by where its zero bytes are; None when it is not."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(sample) < 4 or b"\0" not in sample[:400]:
        return None
    even, odd = sample[0:400:2].count(0), sample[1:400:2].count(0)
    half = min(len(sample), 400) / 2
    if odd > 0.4 * half and odd > 3 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and even > 3 * odd else None


def decoder(name: str) -> tuple[codecs.IncrementalDecoder, Callable[[str], str]]:
    """A decoder of bytes and what to do with its text, for an encoding of `detect`."""
    codec, convert = LEGACY.get(name, (name, str))
    return codecs.getincrementaldecoder(codec)("replace" if name in LEGACY else "strict"), convert
