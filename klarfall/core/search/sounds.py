"""How German words sound: the Cologne phonetics, by which Kwitung and Quittung are the same."""

from klarfall.core.search.folding import fold

_CODES = (
    dict.fromkeys("bp", "1")
    | dict.fromkeys("dt", "2")
    | dict.fromkeys("fvw", "3")
    | dict.fromkeys("gkq", "4")
    | {"l": "5"}
    | dict.fromkeys("mn", "6")
    | {"r": "7"}
    | dict.fromkeys("sz", "8")
    | dict.fromkeys("aeijouy", "0")
)


def sound(word: str) -> str:
    """The code of a word; equal codes sound alike."""
    letters = fold(word)
    codes: list[str] = []
    for at, letter in enumerate(letters):
        code = _code(letter, letters[at - 1 : at], letters[at + 1 : at + 2], first=at == 0)
        for one in code:
            if not codes or codes[-1] != one:
                codes.append(one)
    return "".join(codes[:1] + [code for code in codes[1:] if code != "0"])


def _code(letter: str, before: str, after: str, *, first: bool) -> str:
    if letter == "p" and after == "h":
        return "3"
    if letter in "dt" and after and after in "csz":
        return "8"
    if letter == "x":
        return "8" if before and before in "ckq" else "48"
    if letter == "c":
        hard = "ahkloqrux" if first else "ahkoqux"
        return "4" if after and after in hard and not (before and before in "sz") else "8"
    return _CODES.get(letter, "")
