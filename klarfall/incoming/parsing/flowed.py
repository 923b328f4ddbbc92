"""Text that a mail program has wrapped to be unwrapped (format=flowed, RFC 3676)."""

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
