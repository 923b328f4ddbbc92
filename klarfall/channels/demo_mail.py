"""Keeps the mails of the demo as files and shows them on screen; none of them ever leaves the machine.

Only here real links and codes are visible, so that one can click them. Elsewhere the pages do not exist.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

from klarfall.customers.people import demo_is_open
from klarfall.ui.rendering import page

_KEPT = 500
_SHOWN = 200
#: For the HTML of a mail: it shows itself and links, nothing else.
_FRAME_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "img-src": ["data:"],
    "style-src": ["'unsafe-inline'"],  # mails carry their styles in the elements
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "sandbox": ["allow-top-navigation-by-user-activation"],
}
_NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class KeptMail:
    """One kept mail; `id` is its file name and begins with the instant (UTC)."""

    id: str
    at: datetime
    to: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str


def folder() -> Path:
    """Where the mails lie; readable by us only."""
    path: Path = settings.DATA_DIR / "mails"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


class DemoMailBackend(BaseEmailBackend):
    """Writes every mail to a file instead of sending it; keeps the newest 500."""

    def send_messages(self, email_messages: Any) -> int:
        """Returns how many mails were kept."""
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
            draft = folder() / f".{name}"
            draft.write_bytes(message.message().as_bytes())
            draft.rename(folder() / f"{name}.eml")
        for old in sorted(folder().glob("*.eml"))[:-_KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


def kept_mails() -> list[KeptMail]:
    """The newest mails, newest first."""
    files = sorted(folder().glob("*.eml"), reverse=True)[:_SHOWN]
    return [_read(file) for file in files if _NAME.fullmatch(file.stem)]


def kept_mail(name: str) -> KeptMail:
    """One mail by its id; 404 for anything that is no id of ours."""
    file = folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise Http404
    return _read(file)


def _read(file: Path) -> KeptMail:
    message: EmailMessage = message_from_bytes(file.read_bytes(), policy=policy.default)
    at = datetime.strptime(file.stem.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    names = ("From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")
    headers = [(name, str(message[name])) for name in names if message[name]]
    return KeptMail(
        file.stem,
        at,
        str(message["To"]),
        str(message["Subject"]),
        headers,
        _body(message, "plain"),
        _body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _only_in_the_demo() -> None:
    if not demo_is_open():
        raise Http404


@login_not_required
def mails(request: HttpRequest) -> HttpResponse:
    """The list of kept mails."""
    _only_in_the_demo()
    return page(request, "channels/demo/mails.html", mails=kept_mails(), now=timezone.now())


@login_not_required
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: headers, the HTML in a frame that runs nothing, and the plain text."""
    _only_in_the_demo()
    return page(request, "channels/demo/mail.html", mail=kept_mail(key), now=timezone.now())


@login_not_required
@xframe_options_sameorigin
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part alone, for the frame; its links open in the whole window."""
    _only_in_the_demo()
    html = kept_mail(key).html
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response._csp_replace = _FRAME_POLICY  # type: ignore[attr-defined] # what csp_replace() sets
    return response
