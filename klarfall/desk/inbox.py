"""The mails that arrived, as the desk lists them: by where they ended, by words, page by page with a key."""

import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.desk.paging import Page, page_of
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.incoming.wording import reason_words

_LONGEST = 80  # signs of what is searched for
#: How far back words are looked for, in mails of all lists; the page says so. Where the quarantine grows that large,
#: nobody looks for anything in it.
_SEARCHED = 50_000


@dataclass(frozen=True, slots=True)
class View:
    """One of the lists. `empty` says what will appear there and when."""

    slug: str
    title: str | Promise
    outcomes: tuple[str, ...]
    empty: str | Promise


VIEWS = (
    View(
        "quarantine",
        _("Not assigned"),
        (Outcome.QUARANTINE,),
        _("A mail appears here when nobody can tell to whom it belongs."),
    ),
    View(
        "rejected", _("Rejected"), (Outcome.REJECTED,), _("What you reject, and mails of blocked senders, appear here.")
    ),
    View(
        "machines",
        _("Machines"),
        (Outcome.IGNORED_AUTO,),
        _("Automatic replies and newsletters appear here. They open no request."),
    ),
    View(
        "reports",
        _("Delivery reports"),
        (Outcome.BOUNCE,),
        _("What other mail servers report about our mails appears here."),
    ),
    View("waiting", _("Not filed yet"), (Outcome.WAITING,), _("Every mail that arrived has been filed.")),
    View("all", _("All mails"), (), _("Mails appear here as soon as a mailbox is set up and something arrives.")),
)
_BY_SLUG = {one.slug: one for one in VIEWS}


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for; unknown values mean the quarantine and the first page."""

    view: View
    words: str
    after: str
    before: str

    @classmethod
    def of(cls, query: Any) -> "Asked":
        """As the query says."""
        words = unicodedata.normalize("NFC", query.get("q", "")).replace("\0", "").strip()[:_LONGEST]
        view = _BY_SLUG.get(query.get("show", ""), VIEWS[0])
        return cls(view, words, query.get("after", ""), query.get("before", ""))

    def query(self, **cursor: str) -> str:
        """The query string of a page of this list."""
        return "?" + urlencode({"show": self.view.slug, "q": self.words, **cursor})

    def of_view(self, view: View) -> str:
        """The query string of another list with the same words."""
        values = {"show": view.slug, "q": self.words}
        return "?" + urlencode({name: value for name, value in values.items() if value})


def found(asked: Asked) -> Page:
    """One page of mails, newest first. Every word occurs in sender, subject or the beginning of the text."""
    rows: QuerySet[Any] = IncomingMail.objects.select_related("ticket", "customer", "contact__user")
    if asked.view.outcomes:
        rows = rows.filter(outcome__in=asked.view.outcomes)
    if asked.words:
        newest = IncomingMail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        rows = rows.filter(pk__gt=newest - _SEARCHED)
    for word in asked.words.split():
        rows = rows.filter(
            Q(from_address__icontains=word)
            | Q(from_name__icontains=word)
            | Q(subject__icontains=word)
            | Q(preview__icontains=word)
        )
    return page_of(rows, after=asked.after, before=asked.before, newest=True)


def state_words(mail: IncomingMail) -> str:
    """Why it stands where it does, in a sentence; empty where the outcome says it all."""
    if mail.outcome == Outcome.WAITING and mail.error:
        return str(_("It could not be read: it is tried again."))
    return reason_words(mail.outcome, mail.reason)
