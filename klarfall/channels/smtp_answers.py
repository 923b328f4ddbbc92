"""What a mail that did not go out says about the mail, its recipient, their server, or ours."""

from enum import Enum
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

_PERMANENT = 500  # SMTP codes from here on will not get better by waiting
#: No such mailbox (RFC 5321); with an enhanced code 5.7 it is a rule of the server, not the address.
_NO_MAILBOX = frozenset({550, 551, 553})
_POLICY = b"5.7."
#: Sign-in is wanted or has failed: ours to mend, and then the mail can go.
_SIGN_IN = frozenset({530, 534, 535, 538})


class Failure(Enum):
    """Why a mail did not go out."""

    #: This mail cannot go: a refused text or sender, a header that cannot be. Waiting does not help.
    REFUSED = "refused"
    #: There is no such mailbox.
    NO_MAILBOX = "no_mailbox"
    #: The recipient's server wants us to come back later.
    LATER = "later"
    #: Our mail server is away or does not let us in: it concerns all mails.
    SERVER = "server"
    #: Something else went wrong, perhaps with us.
    UNKNOWN = "unknown"


def judge(problem: Exception) -> Failure:
    """The kind of failure that an exception of writing and sending a mail stands for."""
    if isinstance(problem, SMTPRecipientsRefused):
        return _recipient(list(problem.recipients.values()))
    if isinstance(problem, SMTPDataError):
        return Failure.REFUSED if problem.smtp_code >= _PERMANENT else Failure.LATER
    if isinstance(problem, SMTPSenderRefused):
        return _sender(problem.smtp_code)
    if isinstance(problem, SMTPException | OSError):
        return Failure.SERVER
    return Failure.REFUSED if isinstance(problem, ValueError) else Failure.UNKNOWN


def words(problem: Exception) -> str:
    """What the server said, for people and logs of ours: code and text, or the kind of error."""
    if isinstance(problem, SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(said)}" for code, said in problem.recipients.values())
    code = getattr(problem, "smtp_code", None)
    if code is not None:
        return f"{code} {_text(getattr(problem, 'smtp_error', b''))}"
    return f"{type(problem).__name__}: {problem}"


def _recipient(answers: list[tuple[int, bytes]]) -> Failure:
    if any(code < _PERMANENT for code, _said in answers):
        return Failure.LATER
    gone = all(code in _NO_MAILBOX and _POLICY not in said for code, said in answers)
    return Failure.NO_MAILBOX if gone else Failure.REFUSED


def _sender(code: int) -> Failure:
    if code in _SIGN_IN:
        return Failure.SERVER
    return Failure.REFUSED if code >= _PERMANENT else Failure.LATER


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
