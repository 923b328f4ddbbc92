"""Text as it was before a mail program wrapped it (format=flowed, RFC 3676) or a mailbox marked its lines."""

_SET_OFF = "    "


def unwrapped(text: str, *, delsp: bool) -> str:
    """Lines that end with a blank go on in the next one, as long as it is quoted as deeply; `-- ` stays alone."""
    out: list[str] = []
    pieces: list[str] = []
    level = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if pieces and (depth != level or is_signature):
            out.append(_quoted(level, pieces))
            pieces = []
        level = depth
        if content.endswith(" ") and not is_signature:
            pieces.append(content[:-1] if delsp else content)
        else:
            out.append(_quoted(level, [*pieces, content]))
            pieces = []
    if pieces:
        out.append(_quoted(level, pieces))
    return "\n".join(out)


def _quoted(level: int, pieces: list[str]) -> str:
    """The line with its marks. One of the writer's own that begins with `>` is set off so far that it is no quote."""
    text = "".join(pieces)
    if level:
        return ">" * level + " " + text
    return _SET_OFF + text if text.lstrip().startswith(">") else text


def unmarked(text: str) -> str:
    """Mailbox files write `>From` for a line that begins with From; in or right below a quote it is one."""
    if ">From " not in text:
        return text
    lines = ["", *text.split("\n"), ""]
    for at, line in enumerate(lines):
        if line.startswith(">From ") and not (lines[at - 1].rstrip().endswith(":") or _is_in_quote(lines, at)):
            lines[at] = line[1:]
    return "\n".join(lines[1:-1])


def _is_in_quote(lines: list[str], at: int) -> bool:
    return lines[at - 1].startswith(">") or lines[at + 1].startswith(">")
