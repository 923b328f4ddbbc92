"""The vendor's own words in mails: which kinds there are, what may stand in braces, and how both become the mail.

Subject, opening and closing are the vendor's. Facts stay ours: amounts, codes, links, cards, quoted texts and what
follows from the contract. An opening replaces our first paragraph only where that is a mere introduction.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.channels.models import MailText
from klarfall.core import mail, vendor

_BRACES = re.compile(r"\{([^{}]*)\}")
_STRAY = re.compile(r"[{}]")
_COSTS = frozenset({"cost_notice", "passed_on", "offer_expiring"})
_WITH_OFFER = _COSTS | {
    "decision_made", "mail_is_no_decision", "offer_expired", "offer_withdrawn", "link_code", "phone_code",
    "team_cap_reached", "team_cap_warning", "team_decision", "team_offer_expired",
}  # fmt: skip
_WITH_ACTOR = frozenset({
    "remote_invited", "remote_ended", "team_remote_declined", "team_remote_ended",
    "add_in_portal", "reply", "stopped", "passed_on", "team_assigned", "team_cancelled", "team_coverage",
    "team_objection", "team_objection_withdrawn", "team_record_disputed", "team_reopened", "team_reply", "team_stopped",
})  # fmt: skip
#: Kinds that are about no request.
WITHOUT_REQUEST = frozenset({
    "invitation", "invoice", "release_granted", "wish", "registration_admitted", "registration_waiting",
    "problem_workaround", "problem_fixed", "help_news", "help_digest",
})  # fmt: skip
#: Our first paragraph only introduces what follows: the vendor's opening stands instead of it.
_INTRODUCED = frozenset({
    "received", "reply", "resolved", "service_record", "handover_status", "team_reply", "team_reopened",
    "help_news", "help_digest",
})  # fmt: skip

#: What may stand in braces, with what it becomes.
PLACEHOLDERS: dict[str, str | Promise] = {
    "name": _("name of whoever gets the mail"),
    "portal": _("name of the portal"),
    "vendor": _("name of your house"),
    "customer": _("name of the customer"),
    "number": _("number of the request"),
    "title": _("title of the request or concern"),
    "by": _("name of whoever did it"),
    "offer": _("number of the cost notice"),
    "amount": _("highest amount, net"),
    "day": _("last day"),
}

#: Kind of mail -> what it is, in the words of a list.
KINDS: dict[str, str | Promise] = {
    "received": _("Request received"),
    "reply": _("Answer to a request"),
    "assessed": _("Request assessed"),
    "cost_notice": _("Cost notice: please decide"),
    "passed_on": _("Decision passed on"),
    "offer_expiring": _("Cost notice expires soon"),
    "offer_expired": _("Cost notice expired"),
    "offer_withdrawn": _("Cost notice withdrawn"),
    "mail_is_no_decision": _("An e-mail is no decision"),
    "decision_made": _("Confirmation of a decision"),
    "link_code": _("Code for the personal link"),
    "phone_code": _("Code for the phone"),
    "cap_warning": _("Cap nearly used up"),
    "cap_reached": _("Cap reached"),
    "stopped": _("Work stopped"),
    "objection_received": _("Second review begins"),
    "objection_reviewed": _("Result of the second review"),
    "costs_dropped": _("Costs dropped"),
    "goodwill": _("Goodwill granted"),
    "restored": _("Work is possible again"),
    "resolved": _("Request solved"),
    "service_record": _("Service record"),
    "handed_over": _("Handed over to another team"),
    "handover_status": _("News about something handed over"),
    "wish": _("Wish for an appointment or training"),
    "callback_agreed": _("Call back agreed"),
    "callback_missed": _("Call back: nobody reached"),
    "add_in_portal": _("Link to add something to a request"),
    "invoice": _("Invoice"),
    "invitation": _("Invitation to the portal"),
    "release_granted": _("Right to decide about costs"),
    "registration_admitted": _("Registration released"),
    "registration_waiting": _("Registration waits for release"),
    "remote_invited": _("Asked for a remote session"),
    "remote_ended": _("Remote session over"),
    "problem_workaround": _("Known problem: workaround found"),
    "problem_fixed": _("Known problem fixed"),
    "help_news": _("New in the help pages"),
    "help_digest": _("News of the help pages, collected"),
    "team_assigned": _("Request assigned"),
    "team_reply": _("Customer answered"),
    "team_bounce": _("A mail came back"),
    "team_coverage": _("Customer asks about coverage"),
    "team_decision": _("Customer decided"),
    "team_stopped": _("Customer stopped the work"),
    "team_objection": _("Customer asks for a second review"),
    "team_objection_withdrawn": _("Second review no longer wanted"),
    "team_offer_expired": _("Cost notice ran out"),
    "team_cap_warning": _("Cap of a cost notice nearly used up"),
    "team_cap_reached": _("Cap of a cost notice reached"),
    "team_record_disputed": _("Service record disputed"),
    "team_reopened": _("Request reopened"),
    "team_cancelled": _("Request withdrawn"),
    "team_remote_declined": _("Remote session declined"),
    "team_remote_ended": _("Remote session ended by somebody else"),
    "team_remote_open": _("Remote session still running"),
}

_READERS: dict[str, str | Promise] = {
    **dict.fromkeys(_COSTS, _("whoever may decide about the costs, and the requester")),
    "invitation": _("the invited contact"),
    "registration_admitted": _("the registered person"),
    "registration_waiting": _("admins of the customer and specialists"),
    "release_granted": _("the person and the customer's admins"),
    "invoice": _("the address for invoices, and who views bills"),
    "mail_is_no_decision": _("whoever wrote the e-mail"),
    "link_code": _("whoever opened the personal link"),
    "phone_code": _("the contact on the phone"),
    "wish": _("whoever had the wish"),
    "team_assigned": _("the specialist it is assigned to"),
    "remote_invited": _("whoever is asked"),
    "remote_ended": _("whoever agreed"),
    **dict.fromkeys(("help_news", "help_digest"), _("whoever subscribed to the news of a product")),
    **dict.fromkeys(("problem_workaround", "problem_fixed"), _("whoever is affected, and whose request hangs on it")),
    **dict.fromkeys(
        ("team_remote_declined", "team_remote_ended", "team_remote_open"), _("who asked for it, and who works in it")
    ),
}


@dataclass(frozen=True)
class Words:
    """What the vendor says in one kind of mail; empty parts are ours."""

    subject: str = ""
    opening: str = ""
    closing: str = ""

    def __bool__(self) -> bool:
        return bool(self.subject or self.opening or self.closing)


def readers(kind: str) -> str | Promise:
    """Who gets this kind of mail."""
    team = _("the specialist of the request, otherwise the team")
    return _READERS.get(kind) or (team if kind.startswith("team_") else _("the requester and who follows the request"))


def is_introduced(kind: str) -> bool:
    """Does the vendor's opening stand instead of our first paragraph? Otherwise it stands before it."""
    return kind in _INTRODUCED


def allowed(kind: str) -> tuple[str, ...]:
    """The names that may stand in braces in a kind of mail."""
    found = ["name", "portal", "vendor", "customer"]
    if kind not in WITHOUT_REQUEST:
        found += ["number", "title"]
    found += ["by"] if kind in _WITH_ACTOR else []
    found += ["offer"] if kind in _WITH_OFFER else []
    found += ["amount", "day"] if kind in _COSTS else []
    return tuple(found)


def unknown(kind: str, text: str) -> list[str]:
    """Everything in braces that this kind does not know, and stray braces."""
    names = [found for found in _BRACES.findall(text) if found not in allowed(kind)]
    return [f"{{{name}}}" for name in dict.fromkeys(names)] + list(dict.fromkeys(_STRAY.findall(_BRACES.sub("", text))))


def own_words(kind: str, language: str) -> Words:
    """The vendor's words for a kind in a language; empty ones where there are none."""
    row = MailText.objects.filter(kind=kind, language=language[:2]).first()
    return Words(row.subject, row.opening, row.closing) if row else Words()


def rewording(kind: str, words: Words, context: Mapping[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What `mail.compose` does to the values of our template: put the vendor's words in their places."""
    known = _values(context)

    def filled(text: str) -> str:
        return _BRACES.sub(lambda found: known.get(found[1], ""), text)

    def reword(values: dict[str, Any]) -> dict[str, Any]:
        if words.subject:
            number = "" if kind in WITHOUT_REQUEST else f"[{known['number']}] "
            values["subject"] = f"{number}{filled(words.subject)}"
        if words.opening:
            ours = list(values["paragraphs"] or [])
            values["paragraphs"] = [*_paragraphs(filled(words.opening)), *(ours[1:] if is_introduced(kind) else ours)]
        if words.closing:
            values["closing"] = [*(values["closing"] or []), *_paragraphs(filled(words.closing))]
        return values

    return reword


def _values(context: Mapping[str, Any]) -> dict[str, str]:
    ticket, offer, person = context.get("ticket"), context.get("offer"), context.get("person")
    title = context.get("concern_title") or (ticket.title if ticket is not None else "")
    found = {
        "name": person.name if person is not None else "",
        "portal": vendor.current().portal_name,
        "vendor": vendor.current().name,
        "customer": context.get("customer", ""),
        "number": context.get("number", ""),
        "title": title,
        "by": context.get("by") or vendor.current().support_name,
        "offer": offer.number if offer else "",
        "amount": context.get("at_most", ""),
        "day": context.get("last_day", ""),
    }
    return {name: mail.one_line(str(value)) for name, value in found.items()}


def _paragraphs(text: str) -> Iterable[str]:
    return [block.strip() for block in text.split("\n\n") if block.strip()]
