"""Links and pictures in the Markdown of files: found with their lines, and written anew with numbers. Pure, linear."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

_TARGET = re.compile(r"(!?)(\[[^\[\]\n]{0,300}\]\(\s*)(?:<([^<>\n]{1,500})>|([^\s()<>]{1,500}))(?=\s*\)|\s+[\"'(])")
_DEFINED = re.compile(r"^( {0,3}\[[^\[\]\n]{1,100}\]:\s*)(?:<([^<>\n]{1,500})>|(\S{1,500}))")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """An address in a text, on which line, and whether it is that of a picture."""

    address: str
    line: int
    is_picture: bool


def references(body: str, first_line: int = 1) -> Iterator[Reference]:
    """Every address of links and pictures outside of code."""
    found: list[Reference] = []

    def note(address: str, is_picture: bool, line: int) -> str:
        found.append(Reference(address, line + first_line - 1, is_picture))
        return address

    _walk(body, note)
    yield from found


def rewritten(body: str, address: Callable[[str], str]) -> str:
    """The text with every address of links and pictures outside of code as `address` gives it."""
    return _walk(body, lambda old, _is_picture, _line: address(old))


def _walk(body: str, change: Callable[[str, bool, int], str]) -> str:
    lines, fence = body.split("\n"), ""
    for place, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            continue

        def target(found: re.Match[str], number: int = place + 1) -> str:
            old = found[3] or found[4]
            new = change(old, bool(found[1]), number)
            return found[0] if new == old else f"{found[1]}{found[2]}{_written(new)}"

        def defined(found: re.Match[str], number: int = place + 1) -> str:
            old = found[2] or found[3]
            new = change(old, False, number)
            return found[0] if new == old else f"{found[1]}{_written(new)}"

        lines[place] = _DEFINED.sub(defined, _TARGET.sub(target, line))
    return "\n".join(lines)


def _written(address: str) -> str:
    return f"<{address}>" if re.search(r"[\s()]", address) else address


def is_far(address: str) -> bool:
    """Whether an address leads out of the package: the web, our own pages, or a place of the same text."""
    return address.startswith(("#", "/")) or (bool(_SCHEME.match(address)) and not address.startswith("article:"))


def path_of(file: str, address: str) -> tuple[str, str]:
    """Path within the package and anchor of an address that a file names; an empty path leads out of it."""
    target, _hash, anchor = unquote(address).partition("#")
    parts: list[str] = list(PurePosixPath(file).parent.parts)
    for part in target.split("?")[0].split("/"):
        if part == "..":
            if not parts:
                return "", anchor
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts), anchor
