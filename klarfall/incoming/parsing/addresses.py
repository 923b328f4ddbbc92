"""Addresses of a header: groups, comments, quotes, routes, encoded names and plain nonsense."""

import re

import idna

from klarfall.incoming.parsing import charsets, words
from klarfall.incoming.parsing.parsed import Address

#: A header names more people than this only to hurt.
MOST = 500
_LONGEST = 320
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"?'  # quoted
    r"|<[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>?"  # the address itself
    r"|[(),;:]"
    r'|[^"<(),;:]+'
    r"|.",
    re.S,
)
_ADDRESS = re.compile(r"(\"(?:[^\"\\]|\\.){1,64}\"|[^\s@<>()\",;:]{1,200})\s*@\s*([^\s@<>()\",;:\\/]{1,255})")
#: `name @ domain . example`, as old programs wrote it.
_SPACED = re.compile(r"[\w.+-]{1,64}(?:[ \t]*[@.][ \t]*[\w-]{1,64}){1,10}")
#: `<name(office)@domain>`; one that holds another address is left where it is, and it is none then.
_COMMENT = re.compile(r"[ \t]*\([^()@<>]{0,200}\)[ \t]*")
_CAPITALS = re.compile(r"[A-Z]+")
#: Which of the two would be the domain is a matter of opinion, and opinions let strangers in.
_TWICE = re.compile(r"@[^\s@\"]{0,255}@")


def addresses(text: str) -> tuple[Address, ...]:
    """The addresses of an unfolded header value, at most MOST; names without an address stand with an empty one."""
    found: list[Address] = []
    current: list[str] = []
    depth = 0
    comment: list[str] = []
    for piece in _TOKEN.findall(text[: words.LONGEST]):
        if piece == "(" or (depth and piece == ")"):
            depth += 1 if piece == "(" else -1
        elif depth:
            comment.append(piece)
        elif piece in (",", ";"):
            _add(found, current, comment)
            current, comment = [], []
        elif piece == ":" and not any(part.startswith("<") for part in current):
            current = []  # the name of a group
        else:
            current.append(piece)
        if len(found) >= MOST:
            return tuple(found)
    _add(found, current, comment)
    return tuple(found)


def _add(found: list[Address], tokens: list[str], comment: list[str]) -> None:
    """One mailbox out of its tokens."""
    angled = next((piece for piece in reversed(tokens) if piece.startswith("<")), None)
    if angled is not None:
        address = _unwrapped(angled)
        # `<one> <other>`: programs differ in whom they take for the sender, so both count
        others = {_unwrapped(piece) for piece in tokens if piece.startswith("<")} - {address, ""}
        found.extend(Address("", other) for other in sorted(others))
        name = _name("".join(piece for piece in tokens if piece is not angled))
    else:
        together = "".join(tokens).strip()
        if _SPACED.fullmatch(together):
            together = "".join(together.split())
        decoded = words.decode(together) if "=?" in together else together
        match = _ADDRESS.search(decoded)
        address = _spelled(match[0]) if match and not _TWICE.search(decoded) else ""
        rest = (decoded[: match.start()] + decoded[match.end() :]) if match else decoded
        name = _name(rest.replace("<", " ").replace(">", " ")) or _name("".join(comment))
    if name or address:
        found.append(Address(name[:160], address))


def _unwrapped(angled: str) -> str:
    """The address within `<…>`, behind its route if it has one."""
    inner = _COMMENT.sub("", angled.strip("<> "))
    return _spelled(inner.rpartition(":")[2] if angled.startswith("<@") else inner)


def _name(text: str) -> str:
    """A display name: quotes and their escapes undone, encoded words decoded."""
    text = text.strip()
    if '"' in text:
        text = re.sub(r"\\(.)", r"\1", text, flags=re.S).replace('"', "")
    return words.decode(text).strip("' ")


def _spelled(text: str) -> str:
    """In small letters, the domain as computers write it; empty where it is no address."""
    if "=?" in text:
        text = words.decode(text)
    match = _ADDRESS.search(text)
    if not match or _TWICE.search(text):
        return ""
    mailbox, domain = charsets.clean_line(match[1]), charsets.clean_line(match[2]).strip(".")
    if mailbox.startswith('"') and re.fullmatch(r'"[\w.+-]+"', mailbox):
        mailbox = mailbox[1:-1]
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return ""
    # only A to Z: the sign of kelvin becomes a k, and somebody else
    address = f"{_CAPITALS.sub(lambda found: found[0].lower(), mailbox)}@{domain.lower()}"
    return address if len(address) <= _LONGEST else ""
