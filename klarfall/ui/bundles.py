"""Joins the component files into one style sheet and one script, so that a first view needs few requests.

A static files finder, so `collectstatic`, the development server and tests see the same files: every CSS file in
`static/ui/css` ends up in `ui/app.css`, every script in `static/ui/js` in `ui/app.js`. No node, no bundler.
"""

import re
import tempfile
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SOURCE = Path(__file__).parent / "static" / "ui"
FIRST = ("tokens.css", "reset.css", "base.css", "layout.css")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(r"\n\s*")


def _sources(folder: str) -> list[Path]:
    """Returns the files of one kind: those that others build on, then the rest by name."""
    files = sorted((SOURCE / folder).glob(f"*.{folder}"))
    return sorted(files, key=lambda file: FIRST.index(file.name) if file.name in FIRST else len(FIRST))


def style_sheet() -> str:
    """Returns all styles as one sheet, without comments and indentation."""
    text = "\n".join(file.read_text() for file in _sources("css"))
    return _INDENT.sub("\n", _COMMENT.sub("", text)).strip() + "\n"


def script() -> str:
    """Returns all behaviours as one script; each keeps its names to itself in a block of its own."""
    blocks = (f"{{\n{file.read_text().strip()}\n}}\n" for file in _sources("js"))
    return '"use strict";\n' + "".join(blocks)


BUNDLES = {"ui/app.css": style_sheet, "ui/app.js": script}


@lru_cache(maxsize=1)
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Returns this process's folder for the joined files; it goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="klarfall-ui-")


def write_bundles() -> Path:
    """Writes the joined files where their parts have changed and returns their folder.

    A file is replaced as a whole, because another thread may be sending it at that moment.
    """
    folder = Path(_folder().name)
    for name, build in BUNDLES.items():
        target = folder / name
        text = build()
        if target.exists() and target.read_text() == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{threading.get_ident()}")
        draft.write_text(text)
        draft.replace(target)
    return folder


class BundleFinder(BaseFinder):
    """Offers the joined files to Django's static files; stands in settings.STATICFILES_FINDERS."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Returns no warnings: there is nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Returns the absolute path of a joined file, up to date; an empty list for any other."""
        if path not in BUNDLES:
            return []
        found = str(write_bundles() / path)
        return [found] if find_all or kwargs.get("all") else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yields the joined files for `collectstatic`."""
        storage = FileSystemStorage(location=write_bundles())
        for path in BUNDLES:
            yield path, storage
