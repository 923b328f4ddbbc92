"""The frame of all desk pages: work lists with their counters, service hours, shortcuts."""

from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.access import is_only_editor
from klarfall.accounts.permissions import StaffRole
from klarfall.channels import pace
from klarfall.desk import administration, reference, setup
from klarfall.desk.help_pages import help_entries
from klarfall.desk.service_time import ServiceTime
from klarfall.desk.worklists import MINE, MOST, TEAM, Scope, WorkList, overview
from klarfall.service_levels import clock, phrases


def scope_of(request: HttpRequest, now: datetime | None = None) -> Scope:
    """On whose behalf and when this page is asked for."""
    now = now or timezone.now()
    return Scope(request.user, now, ServiceTime(now))  # type: ignore[arg-type]


def shell(scope: Scope, here: str = "") -> dict[str, Any]:
    """What the shells ask for; `here` is the slug of the current entry. One query."""
    if is_only_editor(scope.user):
        return _for_editor(scope, here)
    counts = overview(scope)
    team = [_item(one, counts, here) for one in TEAM if counts[one.slug] or not one.only_filled or one.slug == here]
    callbacks, handovers = _call_backs(counts, here), _handovers(counts, here)
    mine = [_item(one, counts, here) for one in MINE]
    together = [*team[:-1], callbacks, handovers, team[-1]]
    groups = [
        *_lists(mine, together),
        *help_entries(scope.user, here),
        *_billing(scope, here),
        {"title": _("Master data and mails"), "items": _more(scope, counts, here)},
        *_administration(scope, here),
    ]
    return {
        "home_url": reverse("desk:start"),
        "search_url": reverse("desk:search"),
        "views": groups,
        "rail": [*mine, *team[:1], handovers, team[-1]],
        "hours": hours(scope),
        "counts": counts,
        "running": counts["timer"],
        "now": scope.now,
        "ringing_url": reverse("desk:ringing") if settings.CTI_SECRET else "",
        "may_invite": permissions.may("contact.invite", scope.user),
        "may_help": permissions.may("problem.manage", scope.user),
        "mail_failing": _mail_failing(scope),
    }


def _for_editor(scope: Scope, here: str) -> dict[str, Any]:
    """The frame for somebody who keeps the help and nothing else: no requests, no counters, no query."""
    groups = help_entries(scope.user, here)
    return {
        "home_url": reverse("desk:start"),
        "views": groups,
        "rail": [item for group in groups for item in group["items"]],
        "hours": hours(scope),
        "counts": {},
        "running": None,
        "now": scope.now,
        "ringing_url": "",
        "may_invite": False,
        "mail_failing": None,
    }


def _call_backs(counts: dict[str, Any], here: str) -> dict[str, Any]:
    return {
        "label": _("Call backs"),
        "url": reverse("desk:callbacks"),
        "icon": "phone",
        "count": counts["callbacks"],
        "cap": MOST,
        "hot": counts["callbacks-due"] > 0,
        "current": here == "callbacks",
    }


def _handovers(counts: dict[str, Any], here: str) -> dict[str, Any]:
    return {
        "label": _("With the consultants"),
        "url": reverse("desk:handovers"),
        "icon": "handover",
        "count": counts["consulting"] + counts["training"],
        "cap": MOST,
        "current": here == "handovers",
    }


def _mail_failing(scope: Scope) -> pace.Failing | None:
    """Our mail server takes no mails: for leads and administrators, who can see to it."""
    told = {StaffRole.LEAD, StaffRole.ADMINISTRATOR} & permissions.roles_of(scope.user)
    return pace.failing(scope.now) if told else None


def _lists(mine: list[dict[str, Any]], team: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Own lists and those of the team. Who works alone has one queue: lists that would only repeat it are left out.

    The second reviews stay: they wait for somebody else, whom the house has to find.
    """
    if len(reference.staff()) > 1:
        return [{"title": _("My work"), "items": mine}, {"title": _("Team"), "items": team}]
    repeated = {_list_url("mine"), _list_url("in-progress")}
    return [{"title": _("My work"), "items": [one for one in (*mine, *team) if one["url"] not in repeated]}]


def capped(number: int) -> str:
    """A counter as it is shown: `7`, `99+`."""
    return f"{MOST}+" if number > MOST else str(number)


@cache
def _list_url(slug: str) -> str:
    return reverse("desk:list", args=[slug])


def _item(one: WorkList, counts: dict[str, Any], here: str) -> dict[str, Any]:
    number = counts[one.slug]
    return {
        "label": one.title,
        "url": _list_url(one.slug),
        "icon": one.icon,
        "count": number,
        "cap": MOST,
        "hot": one.hot and number > 0,
        "current": one.slug == here,
    }


def _billing(scope: Scope, here: str) -> list[dict[str, Any]]:
    """Billing runs and the self-audit, for those who may open them."""
    pages = [
        ("batch.prepare", "billing", _("Billing runs"), "coins"),
        ("audit.view", "audit", _("Self-audit"), "scales"),
    ]
    items = [
        {"label": label, "url": reverse(f"desk:{name}"), "icon": icon, "current": here == name}
        for permission, name, label, icon in pages
        if permissions.may(permission, scope.user)
    ]
    return [{"title": _("Billing"), "items": items}] if items else []


def _administration(scope: Scope, here: str) -> list[dict[str, Any]]:
    """One entry that leads to the overview of all pages of the administration."""
    pages = administration.entries(scope.user, here)
    if not pages:
        return []
    wizard = []
    if setup.is_under_way() and permissions.may("house.set_up", scope.user):
        wizard = [{"label": _("Set up your own house"), "url": reverse("desk:setup"), "icon": "check"}]
    current = here == "settings" or any(one["current"] for one in pages)
    entry = {"label": _("All settings"), "url": reverse("desk:settings"), "icon": "settings", "current": current}
    return [{"title": _("Administration"), "items": [*wizard, entry]}]


def _more(scope: Scope, counts: dict[str, Any], here: str) -> list[dict[str, Any]]:
    customers = {
        "label": _("Customers"),
        "url": reverse("desk:customers"),
        "icon": "building",
        "current": here == "customers",
    }
    failed = {
        "label": _("Undelivered mails"),
        "url": reverse("desk:notices"),
        "icon": "mail",
        "count": counts["failed"],
        "cap": MOST,
        "hot": counts["failed"] > 0,
        "current": here == "notices",
    }
    arrived = {
        "label": _("Unassigned mails"),
        "url": reverse("desk:inbox"),
        "icon": "inbox",
        "count": counts["inbox"],
        "cap": MOST,
        "hot": counts["inbox"] > 0,
        "current": here == "inbox",
    }
    inbox = [arrived] if permissions.may("mail.handle", scope.user) else []
    return [customers, *inbox, failed]


def hours(scope: Scope) -> dict[str, Any] | None:
    """Open or closed now, in words; None before a calendar was set up. The first calendar is the vendor's own."""
    calendars = reference.calendars()
    if not calendars:
        return None
    service_hours = scope.service_time.hours(next(iter(calendars)))
    state = clock.now_at(scope.now, service_hours)
    return {
        "open": state.is_open,
        "text": phrases.now_phrase(state),
        "week": phrases.week_phrase(service_hours.at(scope.now)),
    }
