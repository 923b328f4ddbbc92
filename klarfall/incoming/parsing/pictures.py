"""Pictures written into HTML as data: taken out as files, so that the text around them stays of a readable size."""

import re

from klarfall.incoming.parsing import naming, transfer
from klarfall.incoming.parsing.parsed import MailFile

#: A shorter one is a dot or a line, no picture that anybody would miss.
_SHORTEST = 2_000
_MOST = 100
_DATA = re.compile(
    rb"\bsrc\s*=\s*(?:3D)?([\"'])data:(image/[\w.+-]{1,40})(?:;[\w=.-]{1,40}){0,3};base64,([^\"']*+)\1", re.I
)


def taken_out(html: bytes, number: int) -> tuple[bytes, list[MailFile]]:
    """The HTML with `cid:` addresses instead, and the pictures under these. `number`: place of the part in the mail."""
    if b"data:image/" not in html:
        return html, []
    out = bytearray()
    files: list[MailFile] = []
    position = 0
    for found in _DATA.finditer(html):
        if len(found[3]) < _SHORTEST or len(files) >= _MOST:
            continue
        cid = f"data-{number}-{len(files) + 1}@inline.invalid"
        content_type = found[2].decode("ascii", "replace").lower()
        content, is_whole = transfer.from_base64(found[3])
        problem = "" if is_whole else "damaged"
        files.append(MailFile(naming.usual(content_type, number), content_type, content, cid, True, problem))
        out += html[position : found.start()] + b'src="cid:' + cid.encode() + b'"'
        position = found.end()
    return bytes(out + html[position:]), files
