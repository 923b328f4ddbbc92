"""Mails that arrived, in plain words: why one waits, what could not be read, and whether its sender is proved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.incoming.models import Outcome

Words = str | Promise

#: IncomingMail.reason -> why the mail ended where it did.
REASONS: dict[str, Words] = {
    # It waits for a person.
    "no_sender": gettext_lazy("It names no sender, or several."),
    "unknown_sender": gettext_lazy("Nobody is known with this address."),
    "unknown_person": gettext_lazy("The company is known by its domain, the person is not."),
    "not_active": gettext_lazy("The access of this person is closed."),
    "staff": gettext_lazy("One of us wrote it; our own mails open no requests."),
    "several_customers": gettext_lazy("The person acts for several customers; it is not clear for which."),
    "too_many": gettext_lazy("Too many mails from this address within an hour."),
    "not_proved": gettext_lazy("The sender is not proved, and this customer demands it."),
    "channel_off": gettext_lazy("This product takes no requests by mail."),
    "no_product": gettext_lazy("There is no product yet about which a request could be."),
    "file_refused": gettext_lazy("One of its files cannot be taken."),
    "failed": gettext_lazy("It could not be read, although it was tried several times."),
    # It stands in a request.
    "thread": gettext_lazy("It answers one of our mails."),
    "token": gettext_lazy("It came to the reply address of the request."),
    "number": gettext_lazy("It names the number of the request."),
    "follow_up": gettext_lazy("It answers a closed request, so a new one was opened."),
    "foreign_ticket": gettext_lazy("It names a request that the sender does not see, so a new one was opened."),
    "assigned": gettext_lazy("Assigned by hand."),
    # It was rejected.
    "blocked": gettext_lazy("The sender is blocked."),
    "by_hand": gettext_lazy("Rejected by hand."),
    # A machine has written it.
    "auto_submitted": gettext_lazy("Its headers say that a machine has sent it."),
    "vacation": gettext_lazy("An automatic reply."),
    "precedence": gettext_lazy("A mail to many recipients."),
    "list": gettext_lazy("A newsletter or a mailing list."),
    "auto_subject": gettext_lazy("Its subject is that of an automatic reply."),
    "null_sender": gettext_lazy("It names no address to which an answer could go."),
    "own_address": gettext_lazy("It comes from one of our own addresses."),
    "receipt": gettext_lazy("A read receipt."),
    "report": gettext_lazy("A report of a mail server."),
    # A delivery report.
    "failed_delivery": gettext_lazy("One of our mails could not be delivered."),
    "delayed": gettext_lazy("One of our mails is delayed; the other server tries on."),
    "delivered": gettext_lazy("One of our mails has arrived."),
    "relayed": gettext_lazy("One of our mails was passed on."),
    "expanded": gettext_lazy("One of our mails went to a mailing list."),
    "unknown_mail": gettext_lazy("A report about a mail that we do not know."),
}

#: What a reader should know of a mail: MailCopy.notes, ParsedMail.problems and MailFile.problem.
NOTES: dict[str, Words] = {
    "encrypted": gettext_lazy("A part is encrypted. We cannot read it; it is kept as a file."),
    "signed": gettext_lazy("The mail carries a digital signature. It was not checked."),
    "damaged": gettext_lazy("A part is damaged and could not be read completely. It is kept as a file."),
    "incomplete": gettext_lazy("The mail ends too early; its end is missing."),
    "too_deep": gettext_lazy("Parts are nested too deeply. What lies further inside is kept as a file."),
    "too_many_parts": gettext_lazy("The mail has more parts than we take out. All of them are in the original."),
    "cut": gettext_lazy("The text is longer than we show. The whole text is attached as a file."),
    "too_costly": gettext_lazy("Reading this mail takes more than a mail may. It is attached as it arrived."),
    "no_text": gettext_lazy("The mail contains no readable text."),
    "several_senders": gettext_lazy("The mail names several senders."),
    "empty_file": gettext_lazy("A file is empty and was left out."),
    "files_left_out": gettext_lazy("More files are in the original; they are too many or too large for a request."),
}


#: `other_domain`: the server speaks of another sender than the one we read.
_WRONG = ("fail", "softfail", "permerror", "other_domain")


@dataclass(frozen=True)
class Proof:
    """How far the sender is proved: `text` for people, `meaning` for the colour ("cov", "err", "open")."""

    text: str
    meaning: str


def reason_words(outcome: str, code: str) -> str:
    """Why a mail ended where it did; empty without a code. A code without words is that of a refusal."""
    if outcome == Outcome.BOUNCE and code == "failed":
        code = "failed_delivery"
    if not code or code in REASONS:
        return str(REASONS.get(code, ""))
    return _("It could not be put into a request (%(code)s).") % {"code": code}


def note_words(codes: Iterable[str]) -> list[str]:
    """What a reader should know, each thing once; codes without words stand for themselves."""
    return list(dict.fromkeys(str(NOTES.get(code, code)) for code in codes))


def proof(authentication: Mapping[str, Any]) -> Proof:
    """What the trusted receiving server found out about the sender (SPF, DKIM, DMARC).

    Only DMARC speaks of the address that people read; the others prove the server that delivered.
    """
    found = {name: str(authentication.get(name) or "").lower() for name in ("dmarc", "dkim", "spf")}
    if not any(found.values()):
        return Proof(_("Sender not checked: the mail server says nothing about it"), "open")
    if found["dmarc"] == "pass":
        return Proof(_("Sender confirmed (DMARC)"), "cov")
    wrong = [name.upper() for name, result in found.items() if result in _WRONG]
    if wrong:
        return Proof(_("Sender not confirmed (%(checks)s failed)") % {"checks": ", ".join(wrong)}, "err")
    passed = [name.upper() for name, result in found.items() if result == "pass"]
    if passed:
        return Proof(_("Delivering server confirmed (%(checks)s), address not") % {"checks": ", ".join(passed)}, "open")
    return Proof(_("Sender not confirmed"), "open")
