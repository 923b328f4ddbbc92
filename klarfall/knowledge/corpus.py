"""One line of a corpus of articles (JSON), read strictly: what it must hold, and what is wrong with it. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from klarfall.core.action import Refused
from klarfall.knowledge import content
from klarfall.knowledge.models import ArticleKind, Visibility

#: Bytes of one line; no article is longer.
LONGEST_LINE = 8_000_000
_KINDS = {"quickstart": ArticleKind.QUICK_START} | {str(one.value): one for one in ArticleKind}
_VISIBILITIES = {"customer": Visibility.CUSTOMERS} | {str(one.value): one for one in Visibility}
_LENGTHS = {"id": 200, "product": 120, "version": 40, "title": 200}


class LineRefused(Exception):
    """A line that is no article; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Record:
    """One article as the corpus has it."""

    source_id: str
    kind: str
    product: str
    version: str
    title: str
    body: str
    visibility: str


def records(lines: Iterable[bytes]) -> Iterator[tuple[int, Record | LineRefused]]:
    """The articles of a file with their line numbers; empty lines are passed over, an id counts once."""
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = record(line)
            if found.source_id in seen:
                raise LineRefused(f"the id {found.source_id!r} stands in line {seen[found.source_id]} already")
            seen[found.source_id] = number
            yield number, found
        except LineRefused as problem:
            yield number, problem


def record(line: bytes) -> Record:
    """Read one line. Raises LineRefused."""
    if len(line) > LONGEST_LINE:
        raise LineRefused(f"the line is longer than {LONGEST_LINE:,} bytes")
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise LineRefused(f"this is no JSON: {problem}") from problem
    if not isinstance(given, dict):
        raise LineRefused("this is no JSON object")
    texts = {name: _text(given, name) for name in ("id", "kind", "product", "version", "title", "visibility")}
    for name in ("id", "product", "title"):
        if not texts[name]:
            raise LineRefused(f"{name} is missing")
    return Record(
        source_id=texts["id"],
        kind=_one_of(_KINDS, "kind", texts["kind"]),
        product=texts["product"],
        version=texts["version"],
        title=texts["title"],
        body=_body(given),
        visibility=_one_of(_VISIBILITIES, "visibility", texts["visibility"]),
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    value = "" if value is None else value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise LineRefused(f"{name} is no text")
    text = " ".join(harmless(str(value)).split())
    if len(text) > _LENGTHS.get(name, 200):
        raise LineRefused(f"{name} is longer than {_LENGTHS.get(name, 200)} signs")
    return text


def _body(given: dict[str, Any]) -> str:
    body = given.get("body_markdown")
    if not isinstance(body, str) or not body.strip():
        raise LineRefused("body_markdown is missing")
    body = harmless(body.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        content.check(body)
    except Refused as problem:
        raise LineRefused(f"body_markdown: {problem.message}") from problem
    return body


def harmless(text: str) -> str:
    """Without what PostgreSQL cannot store: NUL and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _one_of(known: dict[str, Any], name: str, value: str) -> str:
    if value not in known:
        raise LineRefused(f"{name} is {value!r}; it must be one of {', '.join(sorted(known))}")
    return str(known[value])
