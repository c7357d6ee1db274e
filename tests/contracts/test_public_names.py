"""Public names are documented, errors have codes, layers hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import workbench
from workbench import errors
from workbench.cli.main import COMMANDS, group
from workbench.i18n import catalogue
from workbench.settings import SETTINGS

ROOT = Path(workbench.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))


def public_definitions(tree: ast.Module):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                for child in node.body:
                    if isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
                        yield child


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_names_have_docstrings(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert tree.body == [] or ast.get_docstring(tree), "the module has no docstring"
    missing = [node.name for node in public_definitions(tree) if not ast.get_docstring(node)]
    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_names_a_registry_or_a_foreign_host(path):
    text = path.read_text("utf-8").lower()
    assert [host for host in ("pypi.org", "npmjs", "unpkg", "jsdelivr", "googleapis", "cdn.") if host in text] == []


def test_public_api_is_what_it_says():
    assert sorted(workbench.__all__) == workbench.__all__
    assert all(getattr(workbench, name) is not None for name in workbench.__all__)


def test_every_error_has_its_own_code():
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.WorkbenchError)
    ]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)


def test_every_command_is_there_and_has_help():
    for name in COMMANDS:
        command = group.get_command(None, name)
        assert command is not None
        assert command.help


def test_every_setting_has_a_text():
    texts = catalogue("vi")
    assert [setting.name for setting in SETTINGS if f"settings.{setting.name}" not in texts] == []


def test_foreign_miners_are_not_imported_with_the_package():
    code = "import sys, workbench.store, workbench.mining.dfg; print('pm4py' in sys.modules, 'r4pm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
