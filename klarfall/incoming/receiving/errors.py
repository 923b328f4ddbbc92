"""What goes wrong with a mailbox: a code that is kept, and the sentence that people read. Never what a server said.

A server may repeat what we sent it, and its words name people; both stay out of database, log and pages.
"""

import imaplib
import ssl

from django.db import Error
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError, MailboxStarttlsError

_SENTENCES: dict[str, str | Promise] = {
    "sign-in": gettext_lazy("The server refuses user or password."),
    "needs-tls": gettext_lazy("The server takes passwords only over an encrypted connection."),
    "token": gettext_lazy("The token command gave no token."),
    "folder": gettext_lazy("The folder does not exist, or must not be opened."),
    "certificate": gettext_lazy("The server's certificate is not valid for this host."),
    "tls": gettext_lazy("No encrypted connection comes about."),
    "unreachable": gettext_lazy("The server cannot be reached."),
    "dropped": gettext_lazy("The server has closed the connection."),
    "protocol": gettext_lazy("The server does not answer as it should."),
    "own-side": gettext_lazy("Mails could not be stored: our database or disk did not take them."),
    "marking": gettext_lazy("Fetched mails could not be marked, moved or deleted on the server."),
    "skipped": gettext_lazy("Mails that could not be fetched lie in the mailbox; they are tried again."),
}


class SignInRefused(Exception):
    """The server does not let us in; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OwnSide(Exception):
    """A mail was fetched and could not be stored: nothing is wrong with mailbox or mail."""


#: The first that fits counts; with True the type of the exception tells more.
_CODES: tuple[tuple[tuple[type[BaseException], ...], str, bool], ...] = (
    ((MailboxLoginError,), "sign-in", False),
    ((MailboxFolderSelectError,), "folder", False),
    ((ssl.SSLCertVerificationError,), "certificate", False),
    ((ssl.SSLError, MailboxStarttlsError), "tls", False),
    ((Error,), "own-side", True),
    ((imaplib.IMAP4.abort, ConnectionResetError, BrokenPipeError), "dropped", False),
    ((OSError,), "unreachable", True),
)


def code_of(problem: BaseException) -> str:
    """The code of `_SENTENCES`, with the type of the exception behind a colon where that tells more."""
    if isinstance(problem, SignInRefused):
        return problem.code
    if isinstance(problem, OwnSide):
        return f"own-side:{type(problem.__cause__).__name__}"
    for kinds, code, tells_more in _CODES:
        if isinstance(problem, kinds):
            return f"{code}:{type(problem).__name__}" if tells_more else code
    return f"protocol:{type(problem).__name__}"


def sentence(error: str) -> str:
    """The sentence for what `Mailbox.error` holds, in the reader's language; empty for no error."""
    code, _colon, detail = error.partition(":")
    if not code:
        return ""
    words = str(_SENTENCES.get(code, _("The server does not answer as it should.")))
    return f"{words} ({detail})" if detail else words
