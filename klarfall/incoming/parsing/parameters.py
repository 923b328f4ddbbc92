"""Values with parameters (Content-Type, Content-Disposition), with everything RFC 2231 and ordinary mailers do."""

import re
from urllib.parse import unquote_to_bytes

from klarfall.incoming.parsing import charsets, words

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)("?)', re.S)
#: Only where a name begins: what looks at each character of each run again takes hours for a mail of such parts.
_NAME = re.compile(r"(?<![^=;\s\"])([^=;\s\"]{1,60}+)\s*+=")
#: Only these are ever escaped; any other backslash parts the folders of a path that some program has sent.
_ESCAPED = re.compile(r"\\([\"\\])")
_NUMBERED = re.compile(r"([^*]+)\*(\d{1,4})(\*?)\Z")
#: Characters and pieces that are looked at.
_LONGEST = 16_000
_MOST = 200


def split(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=utf-8` → ("text/plain", {"charset": "utf-8"}); names in small letters, values decoded."""
    value = value[:_LONGEST]
    main, semicolon, rest = value.partition(";")
    if "(" in main:
        main = _COMMENT.sub(" ", main).strip()
    raw = _raw(rest) if semicolon else {}
    if not semicolon and "=" in main and " " in main.strip():
        # `text/plain charset=utf-8`: the semicolon was forgotten
        main, _blank, rest = main.strip().partition(" ")
        raw = _raw(rest)
    return "".join(main.split()).lower().strip("\"'"), _joined(raw) if raw else {}


def _raw(rest: str) -> dict[str, str]:
    """Parameters as they stand; of several with one name the first counts."""
    found: dict[str, str] = {}
    position = 0
    for _piece in range(_MOST):
        if (name := _NAME.search(rest, position)) is None:
            break
        quoted = _QUOTED.match(rest, name.end())
        if quoted and quoted[2]:
            value, position = _ESCAPED.sub(r"\1", quoted[1]), quoted.end()
        else:
            end = rest.find(";", name.end())
            end = len(rest) if end < 0 else end
            value, position = rest[name.end() : end].strip().strip('"'), end
        found.setdefault(name[1].lower().strip(), value)
    return found


def _joined(raw: dict[str, str]) -> dict[str, str]:
    """Continuations put together, percent signs undone; the extended form wins over the plain one."""
    plain: dict[str, str] = {}
    extended: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, value in raw.items():
        numbered = _NUMBERED.match(name)
        if numbered:
            pieces.setdefault(numbered[1], []).append((int(numbered[2]), bool(numbered[3]), value))
        elif name.endswith("*"):
            extended[name[:-1]] = _from_extended([(0, True, value)])
        else:
            plain[name] = words.decode(value) if name in ("name", "filename") else charsets.clean_line(value)
    for name, parts in pieces.items():
        extended.setdefault(name, _from_extended(sorted(parts)))
    return plain | {name: value for name, value in extended.items() if value}


def _from_extended(pieces: list[tuple[int, bool, str]]) -> str:
    """`utf-8'de'Rechnung%20M%C3%A4rz.pdf`, in one piece or several; without percent signs plain text."""
    charset = ""
    data = b""
    for index, (_number, is_encoded, written) in enumerate(pieces):
        value = written
        if index == 0 and is_encoded and value.count("'") > 1:
            charset, _language, value = value.split("'", 2)
        raw = value.encode("utf-8", "replace")
        data += unquote_to_bytes(raw) if is_encoded else raw
    text, _whole = charsets.decode(data, charset)
    return words.decode(text)
