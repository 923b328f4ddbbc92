"""What stands within a plain text and is none: PGP, uuencode and yEnc."""

import re

from klarfall.incoming.parsing import transfer
from klarfall.incoming.parsing.parsed import MailFile

_SIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Z][\w-]*: [^\n]*\n)*[ \t]*\n", re.M)
_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----", re.M)
_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_DASHES = re.compile(r"^- ", re.M)
_UU_BEGIN = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,200})\n", re.M)
_UU_LINES = re.compile(r"(?:[!-M][ -`]{1,90}[ \t]*\n|[` ]?\n)*+")
_UU_END = re.compile(r"end[ \t]*(?:\n|\Z)")
_YENC_NAME = re.compile(r"\bname=([^\n]{1,200})")
#: Files in one text.
_MOST = 100


def taken_out(text: str) -> tuple[str, list[MailFile], list[str]]:
    """The text without armour, the files that stood in it, the codes of what a reader should know."""
    files: list[MailFile] = []
    codes: list[str] = []
    if "-----BEGIN PGP " in text:
        text = _pgp(text, files, codes)
    if "begin " in text and "\nend" in text:
        text = _uuencoded(text, files, codes)
    if "=ybegin " in text:
        text = _yenc(text, files, codes)
    return text, files, codes


def _pgp(text: str, files: list[MailFile], codes: list[str]) -> str:
    if "-----BEGIN PGP MESSAGE-----" in text:
        codes.append("encrypted")
    begin = _SIGNED.search(text)
    signature = _SIGNATURE.search(text, begin.end()) if begin else None
    if begin is None or signature is None:
        return text
    end = text.find(_SIGNATURE_END, signature.end())
    end = len(text) if end < 0 else end + len(_SIGNATURE_END)
    files.append(MailFile("signature.asc", "application/pgp-signature", text[signature.start() : end].encode()))
    codes.append("signed")
    signed = _DASHES.sub("", text[begin.end() : signature.start()])
    return text[: begin.start()] + signed.rstrip("\n") + text[end:]


def _uuencoded(text: str, files: list[MailFile], codes: list[str]) -> str:
    """Blocks from `begin 644 name` to `end` come out as files; what only begins like one is text."""
    out = []
    position = 0
    while len(files) < _MOST and (begin := _UU_BEGIN.search(text, position)):
        lines = _UU_LINES.match(text, begin.end())
        last = lines.end() if lines else begin.end()
        end = _UU_END.match(text, last)
        if end is None:
            out.append(text[position:last])
            position = last
            continue
        encoded = [line.encode() for line in text[begin.end() : last].split("\n") if line]
        content, is_whole = transfer.uu_lines([*encoded, b"end"])
        files.append(MailFile(begin[1], "application/octet-stream", content, problem="" if is_whole else "damaged"))
        if not is_whole:
            codes.append("damaged")
        out.append(text[position : begin.start()])
        position = end.end()
    return "".join(out) + text[position:]


def _yenc(text: str, files: list[MailFile], codes: list[str]) -> str:
    """A block of yEnc is kept as it stands: its bytes have gone through too many programs to be trusted."""
    begin = text.find("=ybegin ")
    end = text.find("=yend", begin)
    end = len(text) if end < 0 else (text.find("\n", end) + 1 or len(text))
    block = text[begin:end]
    name = _YENC_NAME.search(block)
    files.append(
        MailFile(
            f"{name[1].strip() if name else 'part'}.yenc", "application/octet-stream", block.encode(), problem="damaged"
        )
    )
    codes.append("damaged")
    return text[:begin] + text[end:]
