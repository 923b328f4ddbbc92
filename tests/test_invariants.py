"""Every promise of domain.md has a test of its own, and what the table names exists."""

import ast
import re
from pathlib import Path

import pytest

from tests.invariants import INVARIANTS

ROOT = Path(__file__).resolve().parent.parent


def promised():
    """The numbers of section 8, in its order."""
    return re.findall(r"^- \*\*(INV-\d+)\*\*", (ROOT / "docs" / "domain.md").read_text(encoding="utf-8"), re.MULTILINE)


def defined_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_table_is_complete():
    assert len(promised()) > 25
    assert list(INVARIANTS) == promised()


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_the_tests_of_an_invariant_exist_and_the_first_carries_its_name(invariant):
    named = [name.split("::") for name in INVARIANTS[invariant]]
    assert [name for path, name in named if name not in defined_in(path)] == []
    assert named[0][1].startswith(f"test_{invariant.lower().replace('-', '_')}_")
