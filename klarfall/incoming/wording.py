"""Mails that arrived, in plain words: why one waits, what could not be read, and whether its sender is proved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

#: IncomingMail.reason -> why the mail ended where it did.
REASONS: dict[str, Words] = {
    "unknown_sender": gettext_lazy("Nobody here is known with this address."),
    "unknown_person": gettext_lazy("The company is known, the person is not."),
}

#: What a reader should know of a mail: MailCopy.notes, ParsedMail.problems and MailFile.problem.
NOTES: dict[str, Words] = {
    "encrypted": gettext_lazy("A part is encrypted. We cannot read it; it is kept as a file."),
    "signed": gettext_lazy("The mail carries a digital signature. It was not checked."),
    "damaged": gettext_lazy("A part is damaged and could not be read completely. It is kept as a file."),
    "too_deep": gettext_lazy("Parts are nested too deeply. What lies further inside is kept as a file."),
    "too_many_parts": gettext_lazy("The mail has more parts than we take out. All of them are in the original."),
    "cut": gettext_lazy("The text is longer than we show. The whole text is in the original."),
    "no_text": gettext_lazy("The mail contains no readable text."),
}


@dataclass(frozen=True)
class Proof:
    """How far the sender is proved: `text` for people, `meaning` for the colour ("cov", "err", "open")."""

    text: str
    meaning: str


def reason_words(code: str) -> str:
    """Why a mail ended where it did; a code without words stands for itself."""
    return str(REASONS.get(code, code))


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
    wrong = [name.upper() for name, result in found.items() if result in ("fail", "softfail", "permerror")]
    if wrong:
        return Proof(_("Sender not confirmed (%(checks)s failed)") % {"checks": ", ".join(wrong)}, "err")
    passed = [name.upper() for name, result in found.items() if result == "pass"]
    if passed:
        return Proof(_("Delivering server confirmed (%(checks)s), address not") % {"checks": ", ".join(passed)}, "open")
    return Proof(_("Sender not confirmed"), "open")
