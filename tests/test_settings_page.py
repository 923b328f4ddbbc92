"""docs/settings.md names exactly the settings that the code reads."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_page_and_the_code_name_the_same_settings():
    code = (ROOT / "klarfall" / "config" / "settings.py").read_text()
    read = set(re.findall(r'env\.(?:text|flag|number|words|networks|required)\("([A-Z_]+)"', code))
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert len(read) > 10
    assert told == read
