"""What is said when something cannot be shown, and the way on from there."""

from __future__ import annotations

import re
import string
from pathlib import Path

from dash import html

from tests.app.conftest import text_of
from workbench.app import shell
from workbench.app.components import failure, file_name, segments, unexpected
from workbench.app.panels import answer
from workbench.app.workspace import error_text
from workbench.errors import SourceError
from workbench.i18n import catalogue, error_texts

SHARED = (
    "harmonise.note.",
    "harmonise.cost.gap.",
    "harmonise.online.gap.",
    "harmonise.migration.gap.",
    "harmonise.tracking.gap.",
    "intake.notice.",
)
COMMAND = re.compile(r"--[a-z]|`workbench |\blog\.[a-z]+\(")
ROOMS = Path(__file__).parents[2] / "workbench"
OF_COMMANDS = (
    "cli",
    "export",
    "app/serving.py",
    "store/spark",
    "sources/live.py",
    "sources/profiles.py",
    "intake/live.py",
)
"""Where errors are raised that only a command, a live database or a Spark cluster can meet."""


def _link(component):
    return next(part for part in component._traverse() if getattr(part, "href", None))


def _headings(component):
    return [text_of(part).strip() for part in component._traverse() if isinstance(part, html.H1)]


def test_texts_shared_with_the_commands_name_no_option_in_the_app():
    for language in ("vi", "en"):
        texts = catalogue(language)
        shown = {key: texts.get(f"app.instead.{key}", text) for key, text in texts.items() if key.startswith(SHARED)}
        assert shown
        assert [key for key, text in shown.items() if COMMAND.search(text)] == []
        assert [
            key for key in texts if key.startswith("app.instead.") and key.removeprefix("app.instead.") not in texts
        ] == []


def test_errors_of_what_the_app_does_name_no_option_of_a_command():
    sources = {str(path.relative_to(ROOMS)): re.sub(r"\s+", " ", path.read_text()) for path in ROOMS.rglob("*.py")}
    met = " ".join(text for path, text in sources.items() if not path.startswith(OF_COMMANDS))
    for language in ("vi", "en"):
        texts = catalogue(language)
        shown = {key: texts.get(f"app.instead.{key}", text) for key, text in texts.items() if key.startswith("errors.")}
        assert [key for key, text in shown.items() if COMMAND.search(text) and _longest(key) in met] == []


def _longest(key):
    """The longest fixed part of an error's English sentence, as the code writes it on one line."""
    return max((part for part, *_ in string.Formatter().parse(catalogue("en")[key])), key=len)[:40]


def test_an_error_says_in_the_app_what_to_do_there():
    error = SourceError("a.csv holds Vietnamese text in the legacy encoding TCVN3.",
                        fix="Load it with --set encoding=tcvn3, or convert it to UTF-8 first (UniKey can).")  # fmt: skip
    assert "Choose the encoding tcvn3 below" in error_text(error, "en")[1]
    assert "chọn bảng mã tcvn3 ở dưới" in error_text(error, "vi")[1]
    assert error_texts(error, "en")[1] == error.fix


def test_what_nobody_foresaw_can_be_asked_for_again(country_app):
    def draw(page):
        raise RuntimeError("no disk")

    with country_app.server.test_request_context():
        shown = answer("?lang=vi&by=level", draw)
    assert "Việc tính dừng ngoài dự kiến: RuntimeError: no disk." in text_of(shown)
    assert (_link(shown).href, _link(shown).refresh) == ("?lang=vi&by=level", True)


def test_a_page_that_fails_or_is_not_there_has_a_heading_and_a_way_on(country_app, monkeypatch):
    with country_app.server.test_request_context():
        lost, _ = shell.show_page("/nowhere", "?lang=en", 0, None)
        assert _headings(lost) == ["Page not found"]
        assert _link(lost).href.startswith("/?")
        monkeypatch.setattr(shell, "_content", lambda *_, **__: 1 / 0)
        failed, seen = shell.show_page("/process", "?lang=en", 0, None)
    assert _headings(failed) == ["Process"]
    assert "ZeroDivisionError" in text_of(failed)
    assert seen is None


def test_an_empty_store_keeps_the_heading_of_the_page(empty_app):
    with empty_app.server.test_request_context():
        shown, _ = shell.show_page("/compare", "?lang=en", 0, None)
    assert _headings(shown) == ["Compare"]


def test_an_uploaded_file_is_named_as_it_was_given():
    assert file_name("/tmp/workbench-upload-ab1/68e/files/a b.xlsx is bad") == "a b.xlsx is bad"
    assert "/tmp" not in text_of(failure(SourceError("/tmp/workbench-upload-a/b/files/x.pdf is no log."), "en"))
    assert "no disk" in text_of(failure(unexpected(RuntimeError("no disk.")), "en"))


def test_a_choice_of_a_few_is_named_for_eyes_and_for_readers():
    shown = segments("Colour by", "some", [("a", "A"), ("b", "B")], "a")
    control = next(part for part in shown._traverse() if getattr(part, "id", None) == "some")
    assert (shown.children[0].children, getattr(control, "aria-label")) == ("Colour by", "Colour by")
    assert getattr(segments("Colour by", "some", [("a", "A")], "a", named=False), "aria-label") == "Colour by"


def test_filters_keep_their_names_while_the_address_is_wrong(country_app):
    with country_app.server.test_request_context():
        _, pills, active, _, wrong = shell.show_facts("?lang=en&clock=moon", 0)
    assert "All procedures" in text_of(pills)
    assert set(active) == {"false"}
    assert wrong == "?lang=en&clock=moon"
