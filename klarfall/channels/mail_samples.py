"""Invented data for looking at a mail before it is sent: one request with everything that any kind tells."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from klarfall.channels import addresses, mail_texts
from klarfall.channels.mail_texts import Words
from klarfall.channels.senders import signature_of
from klarfall.contracts.models import Product
from klarfall.core import mail, vendor
from klarfall.ui.formats import NBSP, day, duration, moment, money

_NUMBER = 1042
_EVENT = {"number": 301, "result": "confirmed", "session": 7, "minutes": 25, "billable": 0}
_LINK = "https://portal.example/l/…"


def sample(kind: str, words: Words, *, language: str, reader: Any, now: datetime) -> mail.Mail:
    """The whole mail of a kind with the vendor's words in it, to `reader`, in a language; nothing in it is real."""
    with translation.override(language), timezone.override(vendor.current().time_zone):
        context = _context(kind, reader, now)
        return mail.compose(
            f"channels/notices/{kind}.txt", reworded=mail_texts.rewording(kind, words, context), **context
        )


def _context(kind: str, reader: Any, now: datetime) -> dict[str, Any]:
    staff = kind.startswith("team_")
    request = addresses.ticket_page(_NUMBER, staff=staff)
    return {
        "person": reader,
        "greeting": _("Hello %(name)s,") % {"name": reader.name},
        "now": now,
        "LINK": _LINK,
        "CODE": "123456",
        "addresses": addresses,
        "ways": [] if staff else [f"{vendor.current().portal_name}: {addresses.page('portal:home')}"],
        "signature": [] if staff or kind in mail_texts.WITHOUT_REQUEST else _signature(),
        "settings_url": addresses.page("notifications"),
        "customer": _("Sample customer"),
        "staff": staff,
        "by": _("Sam Sample"),
        "name": _("Sam Sample"),
        "request_url": request,
        "objection_url": request,
        "extension_url": request,
        "decision_url": request,
        "contact_line": "",
        **_request(now),
        **_offer(now),
        **_money(),
        **_record(now),
        **_others(now),
        **(_invoice(now) if kind == "invoice" else {}),
        **(_problem() if kind.startswith("problem_") else {}),
    }


def _signature() -> list[str]:
    """That of the first product which has one."""
    return signature_of(Product.objects.filter(active=True).exclude(mail_signature="").first())


def _invoice(now: datetime) -> dict[str, Any]:
    last = day(timezone.localdate(now) + timedelta(days=14))
    return {"gross": money(Decimal("176.12")), "due": _("Please pay by %(day)s.") % {"day": last}}


def _problem() -> dict[str, Any]:
    return {
        "problem_title": _("Heating bills show the wrong base costs"),
        "workaround": _("Enter the base costs by hand until then."),
        "fixed_in": "8.4.2",
        "installed": "8.4.1",
        "product_name": _("Sample product"),
        "tickets": [{"label": f"{vendor.current().number_prefix}-{_NUMBER}", "url": _LINK, "note": ""}],
        "problem_url": _LINK,
        "reported": True,
    }


def _request(now: datetime) -> dict[str, Any]:
    title = _("Balance of property 12 is wrong")
    ticket = SimpleNamespace(
        number=_NUMBER, title=title, solution=_("The posting text was corrected."), workaround="", restored_at=now
    )
    card = {
        "meaning": "open",
        "verdict": _("Not assessed yet"),
        "lead": _("A sample: here stands what holds for the request."),
        "rows": [(_("Why"), _("A sample of the reason.")), (_("Costs"), _("None"))],
        "button": None,
        "note": "",
    }
    return {
        "ticket": ticket,
        "number": f"{vendor.current().number_prefix}-{_NUMBER}",
        "event": SimpleNamespace(data=_EVENT, at=now, actor=SimpleNamespace(kind="contact")),
        "words": _("A sample of a reason."),
        "message_text": _("A sample of a message."),
        "files": [],
        "assignee": _("Sam Sample"),
        "due": moment(now + timedelta(hours=4), now),
        "concern": SimpleNamespace(title=title),
        "concern_title": "",
        "card": card,
        "cards": [(title, card)],
    }


def _offer(now: datetime) -> dict[str, Any]:
    most = Decimal("148.00")
    return {
        "offer": SimpleNamespace(number=2041, currency="EUR", vat_percent=Decimal(19)),
        "at_most": money(most),
        "gross": most * Decimal("1.19"),
        "estimate_and_rate": f"{duration(60)}, {money(most)}",
        "rounding": "",
        "last_day": day(timezone.localdate(now) + timedelta(days=14)),
        "offer_text": _("Here stands the cost notice word for word."),
        "alternatives": ["article", "training", "consultant"],
        "decision": SimpleNamespace(kind="accept"),
        "decision_text": _("Here stands the decision word for word."),
        "decider": _("Sam Sample"),
        "comment": "",
    } | _by_mail()


def _money() -> dict[str, Any]:
    return {
        "level": 80,
        "used": duration(48),
        "left": duration(12),
        "all": duration(60),
        "used_net": money(Decimal("118.40")),
        "cap_net": money(Decimal("148.00")),
        "less": money(Decimal("37.00")),
        "minutes": duration(15),
        "before": money(Decimal("148.00")),
        "after": money(Decimal("111.00")),
        "credited": "",
        "dropped": SimpleNamespace(before=money(Decimal("148.00")), credited=""),
    }


def _record(now: datetime) -> dict[str, Any]:
    net = money(Decimal("111.00"))
    return {
        "record": SimpleNamespace(revision=1),
        "sheet": SimpleNamespace(net=net, notes=[]),
        "record_url": addresses.page("portal:home"),
        "record_card": {
            "meaning": "open", "verdict": _("Service record") + ", 1", "lead": f"{duration(45)}{NBSP}= {net}",
            "rows": [(_("Net"), net)], "button": None, "note": "",
        },
        "calculations": [],
        "answers": False,
    }  # fmt: skip


def _by_mail() -> dict[str, Any]:
    return {
        "may_decide": True,
        "deciders": _("Sam Sample"),
        "others": [],
        "returned": {
            "to": _("Sam Sample"),
            "about": _("Cost notice: please decide"),
            "report": "550 5.1.1 mailbox unknown",
            "offer": 2041,
        },
    }


def _call(now: datetime) -> dict[str, Any]:
    return {"when": moment(now + timedelta(hours=4), now), "more_attempts": True}


def _others(now: datetime) -> dict[str, Any]:
    today: date = timezone.localdate(now)
    return _call(now) | {
        "contact": SimpleNamespace(release_limit=Decimal("500.00"), release_from=None, release_to=None),
        "roles": "",
        "own": True,
        "wish": SimpleNamespace(
            number=301,
            product=SimpleNamespace(name=_("Sample product")),
            get_status_display=lambda: _("Requested"),
            status="requested",
            team_note="",
        ),
        "agreed": "",
        "wish_url": addresses.page("portal:home"),
        "invoice": SimpleNamespace(issued_on=today, xml_key=""),
        "title_words": _("Invoice %(number)s") % {"number": "RE-2026-0001"},
        "registration": SimpleNamespace(name=_("Sam Sample"), email="sam@customer.example"),
        "decide_url": addresses.page("portal:home"),
        **_news(),
    }


def _news() -> dict[str, Any]:
    """One update description and one article."""
    titles = [_("What is new in version 8.4.2"), _("Take back a posting")]
    return {
        "items": [
            {
                "title": one,
                "summary": _("A sample of a summary."),
                "url": addresses.page("portal:home"),
                "note": note,
                "product": _("Sample product"),
            }
            for one, note in zip(titles, [_("Update description"), _("Knowledge article")], strict=True)
        ],
        "products": _("Sample product"),
        "more": 0,
    }
