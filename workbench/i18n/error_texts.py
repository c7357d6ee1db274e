"""Errors in the user's language: rooms raise English sentences, the catalogue holds their patterns in both languages.

`errors.message.*` and `errors.fix.*` of the English catalogue are the sentences with `{named}` facts as the code
writes them; a sentence that fits one is said in the Vietnamese words of the same key. One that fits none stays as
it is: English is better than nothing.
"""

from __future__ import annotations

import re
import string
from functools import cache

from workbench.errors import WorkbenchError
from workbench.i18n.catalogue import Language, catalogue


def error_texts(error: WorkbenchError, language: Language, *, room: str = "") -> tuple[str, str]:
    """What is wrong and what to do now, in `language`; what `room`'s catalogue says instead goes first."""
    return translated(error.message, "message", language, room), translated(error.fix, "fix", language, room)


def translated(sentence: str, part: str, language: Language, room: str = "") -> str:
    """An English sentence of an error (`part`: message or fix) in `language`.

    Where `room` has the sentence's key under `instead` (`app.instead.errors…`), that text is taken: the sentence names
    an option of a command, and who reads it is elsewhere.
    """
    if not sentence or (language == "en" and not room):
        return sentence
    texts = catalogue(language)
    for key, pattern in _patterns(part):
        found = pattern.fullmatch(sentence)
        if found:
            text = texts.get(f"{room}.instead.{key}", texts[key] if language != "en" else None)
            return sentence if text is None else text.format(**found.groupdict())
    return sentence


@cache
def _patterns(part: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    texts = {key: text for key, text in catalogue("en").items() if key.startswith(f"errors.{part}.")}
    # The pattern with the most fixed letters says most, so it is tried first.
    ordered = sorted(texts, key=lambda key: -sum(len(literal) for literal, *_ in string.Formatter().parse(texts[key])))
    return tuple((key, _pattern(texts[key])) for key in ordered)


def _pattern(text: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for literal, name, _, _ in string.Formatter().parse(text):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
