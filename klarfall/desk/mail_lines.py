"""What became of our own mails about a ticket: those that came back, and what machines answered."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from klarfall.billing.story import Story
from klarfall.billing.timeline import Happened, anchor_of
from klarfall.channels.models import Notice
from klarfall.incoming import beside
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.ui.formats import moment

_MOST = 20


def columns() -> dict[str, Any]:
    """What a query of tickets reads along: `mail_copies`; newest first `bounced` mails of ours, and `machines`."""
    bounced = Notice.objects.filter(
        customer=OuterRef("customer_id"), ticket=OuterRef("pk"), bounced_at__isnull=False
    ).order_by("-bounced_at")
    machines = IncomingMail.objects.filter(ticket=OuterRef("pk"), outcome=Outcome.IGNORED_AUTO).order_by("-pk")
    back = JSONObject(pk="pk", report="bounce", email="recipient__email")
    answer = JSONObject(at="received_at", sender="from_address", name="from_name")
    return {
        "mail_copies": beside.column(),
        "bounced": ArraySubquery(bounced.values(found=back)[:_MOST]),
        "machines": ArraySubquery(machines.values(found=answer)[:_MOST]),
    }


def among(lines: list[Any], story: Story) -> list[Any]:
    """The timeline with the report beside each mail that came back, and one line for all automatic replies."""
    ticket: Any = story.ticket
    reports = {row["pk"]: row for row in ticket.bounced}
    told = {
        anchor_of(event): reports[event.data["notice"]]
        for event in story.events
        if event.kind == "mail.bounced" and event.data.get("notice") in reports
    }
    lines = [
        replace(line, more=_report(told[line.anchor], line.more)) if line.anchor in told else line for line in lines
    ]
    if ticket.machines:
        lines = sorted([*lines, _machines(ticket.machines, story.now)], key=lambda line: line.at)
    return lines


def _report(row: dict[str, Any], so_far: str) -> str:
    """What the report says, and what to do."""
    words = [so_far, row["email"], row["report"], _("Please call, or ask for another address.")]
    return " · ".join(filter(None, words))


def _machines(rows: list[dict[str, Any]], now: datetime) -> Happened:
    last = rows[0]
    at = _instant(last["at"])
    return Happened(
        anchor="machines",
        text=ngettext(
            "%(count)s automatic reply received, from %(sender)s",
            "%(count)s automatic replies received, the last one from %(sender)s",
            len(rows),
        )
        % {"count": len(rows), "sender": last["name"] or last["sender"]},
        more="",
        when=moment(at, now, short=True),
        icon_name="mail",
        at=at,
    )


def _instant(text: str) -> datetime:
    """An instant as JSON of the database gives it."""
    return datetime.fromisoformat(text)
