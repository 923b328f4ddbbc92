"""The tree of parts of a mail: one pass over its bytes, however deep it is and however much of it is broken."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from klarfall.incoming.parsing import headers, parameters
from klarfall.incoming.parsing.headers import Fields

#: Levels of multiparts that are opened; what is deeper is kept unopened.
DEEPEST = 100
#: Parts that are told apart; the rest of the mail is one file.
MOST = 2_500

_LINES = re.compile(rb"\n--([^\r\n]{1,250})")
#: Slower; for mails in which a carriage return alone ends a line.
_LINES_CR = re.compile(rb"[\r\n]--([^\r\n]{1,250})")
_LINE_END = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_TYPE = re.compile(r"(?!plain/|html/)[^\s/*]+/[^\s/*]+")
_MISSPELLED = {
    **dict.fromkeys(("text", "text/", "text/*", "plain/text"), "text/plain"),
    **dict.fromkeys(("html", "html/text"), "text/html"),
    "multipart": "multipart/mixed",
}
_LIKELY_BOUNDARY = re.compile(
    rb"(?:\A|[\r\n])--([^\r\n]{1,200}?)[ \t]*(?:\r\n|\r|\n)(?=content-|mime-|[ \t]*[\r\n])", re.I
)


@dataclass(slots=True, eq=False)
class Part:
    """One part: its headers, where its body stands in the mail, its children."""

    raw: bytes = field(repr=False)
    start: int
    body: int
    end: int
    fields: Fields
    content_type: str
    parameters: dict[str, str]
    depth: int = 0
    children: "list[Part]" = field(default_factory=list)
    problem: str = ""

    @property
    def is_multipart(self) -> bool:
        """A container by its type, if it has been opened."""
        return self.content_type.startswith("multipart/") and bool(self.children)

    def header(self, name: str) -> str:
        """The first value of a header, unfolded; empty without one."""
        return headers.first(self.fields, name)

    def content(self) -> bytes:
        """The bytes of the body, not decoded."""
        return self.raw[self.body : self.end]


def part_at(raw: bytes, start: int, end: int, *, depth: int = 0, default: str = "text/plain") -> Part:
    """The part whose headers begin at `start`; not looked into yet."""
    fields, body = headers.fields(raw, start, end)
    declared = headers.first(fields, "content-type")
    content_type, values = parameters.split(declared) if declared else (default, {})
    content_type = content_type.partition(",")[0]  # `text/plain, charset=utf-8`
    if not _TYPE.fullmatch(content_type):
        content_type = _likely_type(content_type, values, fields) if content_type else default
    return Part(raw, start, body, end, fields, content_type, values, depth)


def _likely_type(written: str, values: dict[str, str], fields: Fields) -> str:
    """What a sender who does not know how types are written has probably sent; what may be a file becomes one."""
    if written in _MISSPELLED:
        return _MISSPELLED[written]
    if "boundary" in values:
        return "multipart/mixed"
    is_encoded = "base64" in headers.first(fields, "content-transfer-encoding").lower()
    is_file = is_encoded or "name" in values or bool(headers.first(fields, "content-disposition"))
    return "application/octet-stream" if is_file else "text/plain"


def tree(raw: bytes, start: int, end: int, *, depth: int = 0) -> tuple[Part, list[str]]:
    """The root with everything below it, and what was wrong."""
    root = part_at(raw, start, end, depth=depth)
    problems = _grow(root)
    return root, problems


def _grow(root: Part) -> list[str]:
    """Find the children of a container, theirs and so on; containers that stay empty are given a second chance."""
    problems: dict[str, None] = {}
    split = _Split(root)
    split.run()
    problems.update(dict.fromkeys(split.problems))
    for part in split.opened:
        if not part.children:
            boundary = _likely_boundary(part)
            if boundary and part.depth < DEEPEST:
                part.parameters["boundary"] = boundary
                again = _Split(part, split.count)
                again.run()
                split.count = again.count
                problems.update(dict.fromkeys(again.problems))
    return list(problems)


def _likely_boundary(part: Part) -> str:
    """The boundary that a container seems to use instead of the one that it names."""
    found = _LIKELY_BOUNDARY.search(part.raw, max(part.body - 1, 0), part.end)
    return found[1].decode("latin-1") if found else ""


class _Split:
    """One pass from boundary to boundary; `open_` holds the containers around the current place."""

    def __init__(self, root: Part, count: int = 1) -> None:
        self.root = root
        self.is_closed = False
        self.raw = root.raw
        self.open_: list[tuple[bytes, Part]] = []
        self.levels: dict[bytes, list[int]] = {}
        #: The part that goes on until the next boundary; None in what stands behind a closing one.
        self.current: Part | None = root
        self.opened: list[Part] = []
        self.problems: list[str] = []
        self.count = count

    def run(self) -> None:
        """Find all parts below the root."""
        if not self._enter(self.root):
            return
        for line_start, line_end, delimiter, is_closing in self._delimiters():
            if self.count >= MOST and not is_closing:
                self._rest(line_end)
                return
            self._leave_to(delimiter, line_start)
            if is_closing:
                self._close(delimiter)
            else:
                self._child(line_end)
        self._leave_all()

    def _delimiters(self) -> Iterator[tuple[int, int, bytes, bool]]:
        """Boundaries of containers that are open at that place: start and end of the line, which one, closing."""
        begin = max(self.root.body - 1, 0)
        alone = self.raw.find(b"\r--", begin, self.root.end) >= 0
        for found in (_LINES_CR if alone else _LINES).finditer(self.raw, begin, self.root.end):
            line = found[1].rstrip(b" \t\r")
            is_closing = line not in self.levels
            if is_closing:
                if not line.endswith(b"--") or line[:-2] not in self.levels:
                    continue
                line = line[:-2]
            if self.current is not None and found.start() < self.current.body - 1:
                continue  # inside the headers of the part that has just begun
            end = _LINE_END.match(self.raw, found.start() + 1, self.root.end)
            start = found.start()
            if self.raw[start : start + 1] == b"\n" and start and self.raw[start - 1 : start] == b"\r":
                start -= 1
            yield start, end.end() if end else self.root.end, line, is_closing

    def _enter(self, part: Part) -> bool:
        """Open a container; False where there is nothing to open."""
        if not part.content_type.startswith("multipart/"):
            return False
        if part.depth >= DEEPEST:
            part.problem = "too_deep"
            self.problems.append("too_deep")
            return False
        self.opened.append(part)
        boundary = part.parameters.get("boundary", "").encode("latin-1", "replace").rstrip(b" \t")[:250]
        if not boundary:
            return part is not self.root
        self.levels.setdefault(boundary, []).append(len(self.open_))
        self.open_.append((boundary, part))
        return True

    def _leave_to(self, delimiter: bytes, end: int) -> None:
        """The innermost container with this boundary goes on; everything within it ends here."""
        level = self.levels[delimiter][-1]
        if self.current is not None and self.current is not self.open_[-1][1]:
            self.current.end = max(end, self.current.body)
        while len(self.open_) > level + 1:
            self._pop(end)
        self.current = None

    def _pop(self, end: int) -> None:
        boundary, part = self.open_.pop()
        part.end = max(end, part.body)
        levels = self.levels[boundary]
        levels.pop()
        if not levels:
            del self.levels[boundary]

    def _close(self, delimiter: bytes) -> None:
        """The closing boundary: what follows belongs to nothing until a container around it goes on."""
        level = self.levels[delimiter][-1]
        if level:
            boundary, _part = self.open_.pop()
            self.levels[boundary].pop()
            if not self.levels[boundary]:
                del self.levels[boundary]
        else:
            self.is_closed = True
        self.current = None

    def _child(self, start: int) -> None:
        container = self.open_[-1][1]
        default = "message/rfc822" if container.content_type == "multipart/digest" else "text/plain"
        part = part_at(self.raw, start, self.root.end, depth=container.depth + 1, default=default)
        container.children.append(part)
        self.count += 1
        self.current = part
        self._enter(part)

    def _rest(self, start: int) -> None:
        """Too many parts: what is left is one file."""
        container = self.open_[-1][1]
        rest = Part(self.raw, start, start, self.root.end, [], "application/octet-stream", {}, container.depth + 1)
        rest.problem = "too_many_parts"
        container.children.append(rest)
        self.problems.append("too_many_parts")
        self.current = None
        self._leave_all()

    def _leave_all(self) -> None:
        """The end of the mail; a container that was never closed has lost its end."""
        if self.root.children and not self.is_closed and "too_many_parts" not in self.problems:
            self.problems.append("incomplete")
