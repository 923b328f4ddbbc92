"""The formatted view of a mail: a document of its own that runs nothing and asks nobody for anything unless told to.

It is shown in a sandboxed frame and may be opened alone; both ways it has no origin, so that its pictures cannot be
asked for with the viewer's session: those of the mail itself stand in it as data.
"""

import re
from base64 import b64encode
from collections.abc import Callable

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext as _

from klarfall.incoming.models import MailCopy
from klarfall.incoming.reading import html as reading
from klarfall.tickets import files
from klarfall.tickets.models import Attachment

#: Bytes of pictures that one document carries; those beyond stand among the attachments only.
MOST_BYTES = 8 * 1024 * 1024
_MOST_PICTURES = 200
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
#: Mails are made for white paper; wide tables scroll, wide pictures shrink.
_DOCUMENT = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%(title)s</title>
<style>
html { background: #fff; color: #1c1e1b; color-scheme: light; }
body { margin: 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
img { max-width: 100%%; height: auto; }
img[data-remote] { min-width: 1rem; min-height: 1rem; outline: 1px dashed #8a8d86; }
pre { white-space: pre-wrap; }
</style></head><body>%(html)s</body></html>"""
#: Nothing runs, nothing is sent, nothing is fetched. A link that somebody clicks opens outside of the sandbox.
_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def shown(html: str, picture: Callable[[int], tuple[str, bytes] | None], *, pictures: bool) -> HttpResponse:
    """The document of a sanitised HTML in which pictures of its own are called `attachment:<number>`.

    `picture` gives type and content by number, None where there is none. `pictures`: those that lie on foreign
    servers may be fetched, because somebody asked for it.
    """
    if pictures:
        html = reading.with_pictures(html)
    room = [MOST_BYTES, _MOST_PICTURES]

    def placed(match: re.Match[str]) -> str:
        found = picture(int(match[1])) if room[1] > 0 else None
        if found is None or found[0] not in _PICTURES or len(found[1]) > room[0]:
            return "<img"
        room[0] -= len(found[1])
        room[1] -= 1
        return f'<img src="data:{found[0]};base64,{b64encode(found[1]).decode()}"'

    title = escape(_("The mail as it looks"))
    response = HttpResponse(_DOCUMENT % {"title": title, "html": reading.OWN.sub(placed, html)})
    policy = {**_POLICY, "img-src": ["data:", "https:"]} if pictures else _POLICY
    response._csp_replace = policy  # type: ignore[attr-defined] # what csp_replace() sets
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def copy_shown(copy: MailCopy, *, pictures: bool) -> HttpResponse:
    """The document of a mail in a request, with the pictures of its message that the viewer may see."""
    wanted = {int(number) for number in reading.OWN.findall(copy.html)}
    rows = Attachment.objects.filter(message=copy.message_id, pk__in=wanted, content_type__in=_PICTURES)
    known = {one.pk: one for one in rows[:_MOST_PICTURES]}

    def picture(number: int) -> tuple[str, bytes] | None:
        one = known.get(number)
        if one is None or one.size > MOST_BYTES:
            return None
        try:
            with files.open_file(one) as content:
                return one.content_type, content.read()
        except files.FileMissing:
            return None

    return shown(copy.html, picture, pictures=pictures)


def rest_shown(copy: MailCopy) -> HttpResponse:
    """The whole trimmed part as plain text."""
    response = HttpResponse(copy.rest, content_type="text/plain; charset=utf-8")
    response._csp_replace = {**_POLICY, "sandbox": []}  # type: ignore[attr-defined] # what csp_replace() sets
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
