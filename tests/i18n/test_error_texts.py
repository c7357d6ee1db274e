"""Errors are said in Vietnamese: the catalogues agree, the command line speaks them, the code has no other sentence."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.cli.main import run
from workbench.errors import FormatError, ModelError, SettingError, StoreError
from workbench.i18n import catalogue, error_texts

ROOT = Path(__file__).resolve().parents[2] / "workbench"
PARTS = ("message", "fix")
SIMPLE = "ma_ho_so,buoc,thoi_diem_xu_ly,ma_tinh,ma_thu_tuc\nA,Tiếp nhận,2024-03-04 08:00,H01,1.000001\n"


def errors(language: str) -> dict[str, str]:
    return {key: text for key, text in catalogue(language).items() if key.startswith("errors.")}


def fields(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


def skeleton(text: str) -> str:
    """A pattern without the names of its facts."""
    return "{}".join(literal for literal, *_ in string.Formatter().parse(text + "{x}"))


# the catalogues -------------------------------------------------------------------------------------------
def test_catalogues_have_the_same_keys_and_facts():
    vi, en = errors("vi"), errors("en")
    assert len(en) > 300
    assert sorted(vi) == sorted(en)
    assert [key for key in en if fields(vi[key]) != fields(en[key])] == []


def test_no_english_sentence_is_given_twice():
    for part in PARTS:
        found = [skeleton(text) for key, text in errors("en").items() if key.startswith(f"errors.{part}.")]
        assert sorted({text for text in found if found.count(text) > 1}) == []


def test_every_sentence_is_said_otherwise_in_vietnamese():
    """Only patterns of facts alone, with no word of their own, are the same in both."""
    vi, en = errors("vi"), errors("en")
    same = [en[key] for key in en if en[key] == vi[key]]
    assert [text for text in same if any(char.isalpha() for char in skeleton(text))] == []


# the code -------------------------------------------------------------------------------------------------
def sentences(node: ast.expr) -> list[str]:
    """The skeletons of the sentences an expression can be; none when it is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return sentences(node.body) + sentences(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in sentences(value)]
    if isinstance(node, ast.BinOp):
        return [left + right for left in sentences(node.left) for right in sentences(node.right)]
    return []


def raised() -> Iterator[tuple[str, str, str]]:
    """(where, part, skeleton) of the literal sentences of all calls that give a `fix`."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or (isinstance(node.func, ast.Name) and node.func.id == "t"):
                continue
            fix = next((item.value for item in node.keywords if item.arg == "fix"), None)
            if fix is None:
                continue
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            for part, given in (("message", node.args[0] if node.args else None), ("fix", fix)):
                for text in sentences(given) if given is not None else []:
                    yield where, part, text


def test_every_literal_sentence_of_the_code_has_an_entry():
    """Sentences that helpers join from parts (`_error`, `not_a_log`) are seen by their frame only."""
    known = {part: set() for part in PARTS}
    for key, text in errors("en").items():
        known[key.split(".")[1]].add(skeleton(text))
    found = [item for item in raised() if item[2]]
    assert len(found) > 300
    assert [item for item in found if item[2] not in known[item[1]]] == []


@pytest.mark.parametrize(
    ("error", "message", "fix"),
    [
        (
            StoreError("There is no store a b.duckdb.", fix="Make one with `workbench load FILE --store S`."),
            "Không có kho nhật ký a b.duckdb.",
            "Hãy tạo kho bằng `workbench load TỆP --store KHO`.",
        ),
        (
            SettingError("language is 'fr'.", fix="Choose one of: vi, en."),
            "Giá trị của language là 'fr': không hợp lệ.",
            "Hãy chọn một trong: vi, en.",
        ),
        (
            FormatError("{x}.csv is empty.", fix="Export it again."),
            "{x}.csv là tệp rỗng.",
            "Hãy xuất lại tệp.",
        ),
        (
            ModelError("The id 'a' is given twice (line 7).", fix="Give every node its own id."),
            "Mã 'a' được dùng hai lần (dòng 7).",
            "Hãy cho mỗi nút một mã riêng.",
        ),
    ],
)
def test_facts_are_kept(error, message, fix):
    assert error_texts(error, "vi") == (message, fix)
    assert error_texts(error, "en") == (error.message, error.fix)


def test_an_unknown_sentence_stays_as_it_is():
    assert error_texts(StoreError("Quite new!", fix=""), "vi") == ("Quite new!", "")


# the command line -----------------------------------------------------------------------------------------
@pytest.fixture
def said(monkeypatch, tmp_path, capfd):
    monkeypatch.delenv("WORKBENCH_LANGUAGE", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> str:
        capfd.readouterr()
        assert run([str(word) for word in words]) != 0
        return capfd.readouterr().err

    return call


def test_unknown_procedure(said, tmp_path):
    (tmp_path / "log.csv").write_text(SIMPLE, "utf-8")
    assert run(["load", "log.csv", "--store", "s.duckdb", "--quiet"]) == 0
    text = said("mine", "dfg", "--store", "s.duckdb", "--procedure", "9.999999")
    assert "Kho nhật ký không có thủ tục" in text
    assert "'9.999999'" in text
    assert "Hãy chọn một trong: 1.000001" in text


def test_missing_file(said):
    text = said("load", "khong-co.csv", "--store", "s.duckdb")
    assert "Không có tệp khong-co.csv." in text
    assert "Hãy kiểm tra tên" in text


def test_missing_store(said):
    text = said("mine", "dfg", "--store", "khong-co.duckdb")
    assert "Không có kho nhật ký khong-co.duckdb." in text
    assert "Hãy tạo kho" in text


def test_not_a_log(said, tmp_path):
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 500)
    text = said("load", "scan.pdf", "--store", "s.duckdb")
    assert "scan.pdf không phải là nhật ký: đó là tệp PDF." in text
    assert "Hãy đưa tệp CSV" in text


def test_missing_column(said, tmp_path):
    (tmp_path / "log.csv").write_text("so_luong,ghi_chu\n5,abc\n7,xyz\n", "utf-8")
    text = said("load", "log.csv", "--store", "s.duckdb")
    assert "không cột nào được nhận ra là" in text
    assert "các cột là: so_luong, ghi_chu" in text
    assert "Hãy nói đó là cột nào" in text
