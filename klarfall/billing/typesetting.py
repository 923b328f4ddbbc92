"""Set documents as PDF with typst: a template of ours, data as JSON, no network, the same bytes for the same data.

Templates lie in `billing/documents/` and lay out only; every word and figure comes as data, already in the reader's
language. So nothing a person typed can become markup, and page, PDF and mail can be compared.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import typst

from klarfall.billing import typefaces

Standard = Literal["a-3b", "ua-1"]

DOCUMENTS = Path(__file__).resolve().parent / "documents"


class NotTypeset(Exception):
    """A document could not be set; the text is the compiler's."""


def typeset(
    template: str,
    data: dict[str, Any],
    *,
    standard: Standard,
    folder: Path | None = None,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the PDF of `documents/<template>.typ` filled with `data` (JSON values only).

    A template of another app's `folder` finds `look.typ` beside it, and `files` (pictures) under their names.

    `standard`: "ua-1" for accessible documents (tagged, PDF/UA-1), "a-3b" for those that carry files (PDF/A-3b; tagged
    too). `data["document"]` is what `documents/look.typ` wants: title, author, language, `at` (year to second).
    The same data give the same bytes. Raises NotTypeset.
    """
    if not re.fullmatch(r"[a-z_]+", template):
        raise NotTypeset(f"no template of ours: {template!r}")
    with _workshop(folder or DOCUMENTS, template, files or {}) as place:
        return _compiled(place, template, data, standard)


@contextmanager
def _workshop(folder: Path, template: str, files: Mapping[str, bytes]) -> Iterator[Path]:
    """The folder in which the template lies with all that it reads; nothing outside of it can be read."""
    if folder == DOCUMENTS and not files:
        yield DOCUMENTS
        return
    with tempfile.TemporaryDirectory(prefix="klarfall-documents-") as name:
        place = Path(name)
        shutil.copy(DOCUMENTS / "look.typ", place)
        shutil.copy(folder / f"{template}.typ", place)
        for file, content in files.items():
            (place / Path(file).name).write_bytes(content)
        yield place


def _compiled(place: Path, template: str, data: dict[str, Any], standard: Standard) -> bytes:
    try:
        # Its stub ties the type of `output`, which is left out, to that of the input.
        pdf = typst.compile(  # type: ignore[misc]
            str(place / f"{template}.typ"),
            root=place,
            font_paths=[typefaces.folder()],
            ignore_system_fonts=True,  # every machine gives the same pages
            sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False, sort_keys=True)},
            pdf_standards=standard,
            package_path=place,  # none are there, and none are fetched
        )
    except (OSError, RuntimeError, ValueError) as problem:
        raise NotTypeset(str(problem)) from problem
    if not isinstance(pdf, bytes):
        raise NotTypeset(f"{template}: nothing came out")
    return pdf


def _printable(value: Any) -> Any:
    """The same data without characters that the typeface lacks; people paste anything."""
    match value:
        case str():
            return typefaces.shown(value)
        case dict():
            return {key: _printable(one) for key, one in value.items()}
        case list() | tuple():
            return [_printable(one) for one in value]
        case _:
            return value
