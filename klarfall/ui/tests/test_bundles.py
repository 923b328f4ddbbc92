"""What a browser loads on its first view, and what the content security policy demands of it."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from klarfall.ui import bundles

UI = Path(bundles.__file__).parent
CSS = UI / "static" / "ui" / "css"


def test_style_sheet_and_script_are_small_enough_for_a_first_view():
    packed = {name: len(gzip.compress(build().encode())) for name, build in bundles.BUNDLES.items()}
    assert packed["ui/app.css"] < 30_000  # of the 60 kB that a first view may have
    assert packed["ui/app.js"] < 12_000


def test_tokens_come_first_because_they_name_the_order_of_the_layers():
    sheet = bundles.style_sheet()
    order = re.search(r"@layer ([\w, ]+);", sheet)
    assert order is not None
    assert sheet.startswith("@layer")
    used = set(re.findall(r"@layer (\w+) \{", sheet))
    assert used <= set(order.group(1).split(", "))


def test_every_brace_is_closed():
    for file in CSS.glob("*.css"):
        text = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", file.read_text(), flags=re.DOTALL)
        assert text.count("{") == text.count("}"), file.name


def test_static_files_find_the_joined_files_up_to_date():
    found = finders.find("ui/app.css")
    assert found is not None
    assert Path(found).read_text() == bundles.style_sheet()
    assert finders.find("ui/nothing.css") is None


def test_a_file_that_is_being_sent_is_not_touched():
    path = Path(finders.find("ui/app.js"))
    before = path.stat().st_ino
    assert Path(finders.find("ui/app.js")).stat().st_ino == before
    path.write_text("old")
    with path.open() as being_sent:
        finders.find("ui/app.js")
        assert being_sent.read() == "old"
    assert path.read_text() == bundles.script()


def test_collectstatic_gets_every_joined_file():
    listed = {path: storage.path(path) for path, storage in bundles.BundleFinder().list([])}
    assert set(listed) == {"ui/app.css", "ui/app.js"}
    assert all(Path(file).read_text() for file in listed.values())


def test_colours_are_named_once():
    """Only tokens (and paper) know colours; a part that needs a new one needs a token."""
    colour = re.compile(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(")
    allowed = {"tokens.css", "print.css", "dialog.css"}
    assert [f.name for f in CSS.glob("*.css") if colour.search(f.read_text()) and f.name not in allowed] == []
