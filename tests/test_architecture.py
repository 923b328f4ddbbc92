"""What we agreed on, checked: where things live, how long they may be, who may set a status."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from klarfall.core.lifecycle import as_markdown

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "klarfall"
FILE_LINES, FUNCTION_LINES, VIEW_LINES = 400, 30, 20
TEXTS = {".py", ".md", ".toml", ".html", ".css", ".js", ".txt", ".lock", ""}

#: path::function -> why it may be longer than its budget.
LONGER: dict[str, str] = {}


def sources(under="", *, tests=False):
    for path in sorted((CODE / under).rglob("*.py")):
        parts = path.relative_to(CODE).parts
        if "migrations" in parts or ("tests" in parts and not tests):
            continue
        yield path


def name_of(path):
    return str(path.relative_to(ROOT))


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function):
    """Lines of a function without its docstring and decorators."""
    first = function.body[0]
    begins = function.lineno
    skip = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        skip = first.end_lineno - first.lineno + 1
    return function.end_lineno - begins + 1 - skip


def test_no_file_is_over_its_budget():
    assert [name_of(p) for p in sources(tests=True) if len(p.read_text().splitlines()) > FILE_LINES] == []


def test_no_function_is_over_its_budget():
    over = [
        f"{name_of(path)}::{f.name} ({length(f)})"
        for path in sources()
        for f in functions(path)
        if length(f) > FUNCTION_LINES and f"{name_of(path)}::{f.name}" not in LONGER
    ]
    assert over == []


def test_no_view_is_over_its_budget():
    over = [
        f"{name_of(path)}::{f.name} ({length(f)})"
        for path in sources()
        if "views" in path.parts or path.name == "views.py"
        for f in functions(path)
        if f.args.args and f.args.args[0].arg == "request" and length(f) > VIEW_LINES
    ]
    assert over == []


def test_every_module_begins_with_a_sentence():
    written = [(p, p.read_text(encoding="utf-8")) for p in sources()]
    silent = [name_of(p) for p, text in written if text.strip() and not ast.get_docstring(ast.parse(text))]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing():
    empty = {"utils", "helpers", "services", "managers", "signals", "common", "misc"}
    assert [name_of(p) for p in sources() if p.stem in empty] == []


def test_only_the_workflow_sets_a_status():
    """Elsewhere no assignment to `.status`, and no `update(status=…)`, of a row that has a machine."""
    setting = re.compile(r"\.status\s*=[^=]|\.update\([^)]*\bstatus\s*=")
    allowed = {"klarfall/core/workflow.py"}
    #: Rows with a plain status field, which no machine moves.
    plain = {"klarfall/tickets/actions/handover.py"}
    apps = {"core", "tickets", "billing", "portal", "desk"}
    found = {name_of(p) for p in sources() if setting.search(p.read_text()) and name_of(p).split("/")[1] in apps}
    assert found - plain == allowed


def action_modules():
    for path in sources():
        if path.parent.name == "actions" and path.stem != "__init__":
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("module", list(action_modules()))
def test_every_public_function_of_an_action_module_runs_as_an_action(module):
    """Either decorated, or it says in its docstring why it calls actions instead of being one."""
    loaded = importlib.import_module(module)
    public = [
        function
        for name, function in vars(loaded).items()
        if inspect.isfunction(function) and function.__module__ == module and not name.startswith("_")
    ]
    undecorated = [f for f in public if not getattr(f, "is_action", False)]
    plain = [f.__name__ for f in undecorated if "not an action" not in (f.__doc__ or "").lower()]
    assert plain == []


@pytest.mark.parametrize("module", list(action_modules()))
def test_actions_take_objects_and_name_their_actor(module):
    loaded = importlib.import_module(module)
    for name, function in vars(loaded).items():
        if not getattr(function, "is_action", False) or function.__module__ != module or name.startswith("_"):
            continue
        parameters = inspect.signature(function).parameters
        # A source id is the name that another system gave, no row of ours.
        assert not any(p.endswith("_id") and p != "source_id" for p in parameters), f"{module}.{name} takes an id"
        positional = [p for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert len(positional) <= 1, f"{module}.{name}: only the thing acted on is positional"
        assert {"actor", "link", "token"} & set(parameters) or set(parameters) <= {"now"}, name


def test_the_portal_uses_no_raw_sql():
    raw = re.compile(r"\.raw\(|cursor\(|RawSQL|\.extra\(")
    assert [name_of(p) for p in sources("portal") if raw.search(p.read_text())] == []


def test_no_page_marks_text_as_safe_by_itself():
    marked = re.compile(r"mark_safe|Markup\(|\|\s*safe\b")
    templates = [p for p in CODE.rglob("templates/**/*") if p.suffix in (".html", ".txt")]
    #: The components; rows of the queue that are drawn in Python because 50 of them are the hot path; articles.
    allowed = {"klarfall/ui", "klarfall/desk/queue.py", "klarfall/knowledge/rendering.py"}
    found = [name_of(p) for p in [*sources(), *templates] if marked.search(p.read_text(encoding="utf-8"))]
    assert [n for n in found if not any(n.startswith(a) for a in allowed)] == []


def test_no_page_has_inline_styles_or_scripts():
    inline = re.compile(r"<[^>]+\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\bsrc=)|javascript:")
    pages = [p for p in CODE.rglob("templates/**/*.html") if "mail" not in str(p) and "notices" not in str(p)]
    assert pages
    assert [name_of(p) for p in pages if inline.search(p.read_text(encoding="utf-8"))] == []


def test_the_lifecycle_page_matches_the_tables():
    assert (ROOT / "docs" / "ticket-lifecycle.md").read_text(encoding="utf-8") == as_markdown()


def test_the_project_speaks_only_of_itself():
    """No paths of a machine, no registry hosts in any text file of the project."""
    hosts = re.compile("py" + r"pi\.org|pythonhosted\.org|npmjs\.org|deb\.debian\.org")
    paths = re.compile(r"(?:^|[\s\"'=(`])/(?:root|work|home)/")
    told = []
    for path in [*CODE.rglob("*"), *ROOT.glob("*"), *(ROOT / "docs").rglob("*"), *(ROOT / "bin").rglob("*")]:
        if path.suffix not in TEXTS or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        told += [name_of(path) for pattern in (hosts, paths) if pattern.search(text)]
    assert told == []
