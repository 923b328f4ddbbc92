"""What a package wants to be articles: every text read, every problem named with its file and line; no database."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from klarfall.knowledge import content as contents
from klarfall.knowledge.importing import html_text
from klarfall.knowledge.importing.front_matter import CIRCLES, KEYS, KINDS, LANGUAGES, Parted, Said, parted
from klarfall.knowledge.importing.package import Package, PackageRefused, Problem

MOST_ARTICLES = 2_000
_LONGEST_ID = 200
_FIRST_HEADING = re.compile(r"\A\s*#\s+([^\n]+)\n?")
_IN_LANGUAGE = re.compile(r"(.+)\.(de|en)\Z", re.IGNORECASE)
#: Fields of a front matter that are kept as they are.
_PLAIN = ("product", "area", "version_from", "version_to", "summary", "label", "note")
_TABLES = {"kind": KINDS, "visibility": CIRCLES, "language": LANGUAGES}


@dataclass(frozen=True, slots=True)
class Text:
    """One article in one language as a file says it; `lines` tell where a value stands in the file."""

    file: str
    source_id: str
    title: str
    body: str
    first_line: int
    kind: str = ""
    product: str = ""
    area: str = ""
    version_from: str = ""
    version_to: str = ""
    visibility: str = ""
    summary: str = ""
    language: str = ""
    label: str = ""
    note: str = ""
    lines: tuple[tuple[str, int], ...] = ()

    def line(self, field: str) -> int | None:
        """The line on which a value stands."""
        return dict(self.lines).get(field)


@dataclass(frozen=True)
class Batch:
    """The articles of a package and everything that is wrong with it."""

    package: Package
    texts: tuple[Text, ...]
    problems: tuple[Problem, ...]


def read(package: Package) -> Batch:
    """Read every text of a package; one that cannot be read is a problem and nothing else."""
    reader = _Reader(package)
    for path in sorted(package.names):
        reader.take(path)
    return Batch(package, tuple(reader.texts), (*package.problems, *reader.problems))


class _Reader:
    def __init__(self, package: Package) -> None:
        self.package = package
        self.texts: list[Text] = []
        self.problems: list[Problem] = []
        self.seen: set[tuple[str, str]] = set()

    def take(self, path: str) -> None:
        """Read one file of the package, if it is a text."""
        readers = {"md": self._markdown, "markdown": self._markdown, "html": self._html, "htm": self._html}
        extension = PurePosixPath(path).suffix.removeprefix(".").lower()
        try:
            if extension in readers:
                self._add(readers[extension](path))
            elif extension == "csv":
                for one in self._rows(path):
                    self._add(one)
        except PackageRefused as refused:
            self._problem(path, str(refused.message))
        except csv.Error:
            self._problem(path, _("This table cannot be read: perhaps a quotation mark is opened and never closed."))

    def _problem(self, file: str, message: str, line: int | None = None, *, fatal: bool = True) -> None:
        self.problems.append(Problem(file, message, line, fatal))

    def _add(self, text: Text | None) -> None:
        if text is None:
            return
        key = (text.source_id, text.language)
        if key in self.seen:
            self._problem(text.file, _("There is another article of this id: %(id)s") % {"id": text.source_id}, 1)
        elif len(self.texts) >= MOST_ARTICLES:
            self._problem(text.file, _("A package has at most %(most)s articles.") % {"most": MOST_ARTICLES})
        else:
            self.seen.add(key)
            self.texts.append(text)

    def _markdown(self, path: str) -> Text | None:
        parts = parted(_decoded(self.package.text(path)))
        for unknown in parts.unknown:
            words = _("This line says nothing that we know: %(line)s") % {"line": unknown.value}
            self._problem(path, words, unknown.line, fatal=False)
        heading = _FIRST_HEADING.match(parts.body)
        body, first = parts.body, parts.first_line
        title = parts.said.get("title")
        if heading is not None:
            first += parts.body[: heading.end()].count("\n")
            body = parts.body[heading.end() :]
        found = title.value if title else heading[1].strip() if heading else _from_name(path)
        return self._text(path, parts, found, body, first)

    def _html(self, path: str) -> Text | None:
        try:
            page = html_text.converted(_decoded(self.package.text(path)))
        except html_text.TooMuch:
            self._problem(path, _("This page has too many parts to be one article."))
            return None
        said = {KEYS[name]: Said(value, 1) for name, value in page.meta.items() if name in KEYS}
        title = said["title"].value if "title" in said else page.title or _from_name(path)
        return self._text(path, Parted(said, page.body, 1, ()), title, page.body, 1)

    def _rows(self, path: str) -> Iterator[Text | None]:
        """Articles of a table: one line each, the columns by their names."""
        text = _decoded(self.package.text(path))
        first = text.partition("\n")[0]
        rows = csv.reader(StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))
        names = [KEYS.get(name.strip().lower().replace(" ", "_").replace("-", "_"), "") for name in next(rows, [])]
        if "title" not in names or "body" not in names:
            self._problem(path, _("The first line of a table names its columns, among them title and body."), 1)
            return
        begin = rows.line_num + 1
        for cells in rows:
            said = {name: Said(cell.strip(), begin) for name, cell in zip(names, cells, strict=False) if name and cell}
            body, title = said.pop("body", Said("", begin)).value, said.get("title", Said("", begin)).value
            if any(cells):
                given = said if "id" in said else {**said, "id": Said(f"{_stem(path)}/{title}"[:_LONGEST_ID], begin)}
                yield self._text(path, Parted(given, body, begin, ()), title, body, begin)
            begin = rows.line_num + 1

    def _text(self, path: str, parts: Parted, title: str, body: str, first_line: int) -> Text | None:
        """The article that a file or line says, checked as far as that goes without the house's data."""
        said = {name: one for name, one in parts.said.items() if one.value}
        source, language = _name_and_language(path)
        values = {name: said[name].value for name in _PLAIN if name in said}
        for name, table in _TABLES.items():
            if name in said and (known := table.get(said[name].value.strip().lower())) is not None:
                values[name] = known
            elif name in said:
                words = _("“%(value)s” is not known here.") % {"value": said[name].value[:80]}
                self._problem(path, words, said[name].line)
                return None
        lines = tuple((name, one.line) for name, one in said.items())
        identity = said["id"].value if "id" in said else source
        found = Text(path, identity, " ".join(title.split()), body.strip(), first_line, lines=lines, **values)
        found = replace(found, language=found.language or language)
        return found if self._is_sound(found) else None

    def _is_sound(self, text: Text) -> bool:
        """Whether it can be an article at all; else a problem says why."""
        line = text.line("title") or text.first_line
        if not text.title or len(text.title) > 200:  # noqa: PLR2004 - as the column
            self._problem(text.file, _("An article has a title of at most 200 signs."), line)
        elif len(text.source_id) > _LONGEST_ID:
            self._problem(text.file, _("An id has at most %(most)s signs.") % {"most": _LONGEST_ID}, text.line("id"))
        elif not text.body and not text.summary:
            self._problem(text.file, _("There is no text."), text.first_line)
        else:
            try:
                contents.check(text.body)
            except contents.BodyRefused as refused:
                self._problem(text.file, str(refused.message), text.first_line)
                return False
            return True
        return False


def _decoded(content: bytes) -> str:
    """The text of a file, whatever wrote it: UTF-8, UTF-16 with its mark, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise PackageRefused(_("This is no text."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _name_and_language(path: str) -> tuple[str, str]:
    """The id that a path is, and the language that its name ends with: `konto/saldo.en.md` -> `konto/saldo`, en."""
    stem = _stem(path)
    found = _IN_LANGUAGE.match(stem)
    return (found[1], found[2].lower()) if found else (stem, "")


def _stem(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def _from_name(path: str) -> str:
    """A title made of a file's name."""
    name = PurePosixPath(_name_and_language(path)[0]).name
    return " ".join(re.split(r"[-_\s]+", name)).strip().capitalize()
