"""The workspace: queue on the left, conversation in the middle, the chosen concern on the right."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.billing import cards
from klarfall.billing.story import Story, read
from klarfall.billing.timeline import timeline
from klarfall.core.prepared import prepared
from klarfall.desk import customer_facts, mail_lines, reference
from klarfall.desk.concern_panel import Forms, panel_of
from klarfall.desk.first_rows import first_rows
from klarfall.desk.forms.work import ResolveForm, RestoreForm, SplitForm, local_now
from klarfall.desk.problem_page import beside_ticket
from klarfall.desk.queue import Lines
from klarfall.desk.shell import capped, scope_of, shell
from klarfall.desk.worklists import LISTS, Scope
from klarfall.incoming.beside import Links, with_mails
from klarfall.knowledge.uses import used_articles
from klarfall.telephony.open_wish import callback_when
from klarfall.tickets.models import Concern
from klarfall.tickets.status import LIVE
from klarfall.ui.rendering import SeeOther, page

#: Rows of the narrow list beside the ticket.
_BESIDE = 25
_OK, _UNPROCESSABLE = 200, 422
_MAIL_LINKS = Links(
    html=lambda pk: reverse("desk:mail-copy-html", args=[pk]),
    original=lambda pk: reverse("desk:mail-original", args=[pk]),
)


def ticket_for_page(number: int) -> Any:
    """The ticket of this number with everything its page names; 404 without it."""
    for found in _rows(number=number):
        return found
    raise Http404


@prepared
def _rows(*, number: int) -> QuerySet[Any]:
    return customer_facts.tickets().filter(number=number)


def story_for(request: HttpRequest, number: int) -> tuple[Story, Scope]:
    """The story of a ticket, for views that build a form from it before they act."""
    scope = scope_of(request)
    return _story(number, scope), scope


def _story(number: int, scope: Scope) -> Story:
    ticket = ticket_for_page(number)
    return read(ticket, now=scope.now, also=[scope.user.pk], known=customer_facts.known_people(ticket))


def concern_at(story: Story, position: int) -> Concern:
    """The concern at this position; the database answers 404 for one that does not exist."""
    found = next((one for one in story.concerns if one.position == position), None)
    return found or get_object_or_404(Concern, ticket=story.ticket, position=position)


def chosen_concern(request: HttpRequest, story: Story) -> Concern:
    """The concern that the page showed when somebody acted on it."""
    return _chosen(story, _number(request.GET.get("concern", "")))


def show(
    request: HttpRequest, number: int, *, bound: Forms | None = None, opened: str = "", position: int | None = None
) -> HttpResponse:
    """The page of a ticket. `bound`: forms that were refused; `opened`: the section to show open.

    htmx swaps only answers that succeed, so a refused form comes back to it with status 200.
    """
    scope = scope_of(request)
    slug = request.GET.get("list", "")
    slug = slug if slug in LISTS else "to-assess"
    frame = shell(scope, slug)
    story = _story(number, scope)
    concern = _chosen(story, position or _number(request.GET.get("concern", "")))
    bound = bound or {}
    opened = opened or request.GET.get("open", "")
    context = {
        "story": story,
        "ticket": story.ticket,
        "lines": _lines(story, scope.user),
        "concern": concern,
        "panel": panel_of(story, concern, scope, frame["running"], bound, opened),
        "tabs": _tabs(story, concern, slug),
        "forms": _ticket_forms(scope, bound, opened),
        "staff": reference.staff(),
        "facts": customer_facts.pairs(story.ticket, scope.service_time),
        "warnings": customer_facts.warnings(story.ticket),
        "person": customer_facts.person_name(story.ticket),
        "at": "?" + urlencode({"list": slug, "concern": concern.position}),
        "opened": opened,
        "callback_when": callback_when(story.ticket, scope.now),
        **_beside(scope, slug, story, frame),
    }
    refused = _UNPROCESSABLE if bound and request.headers.get("HX-Request") != "true" else _OK
    return page(request, "desk/ticket/page.html", status=refused, **frame, **context)


def _lines(story: Story, user: User) -> list[Any]:
    """What was said and what happened, with what hangs on mails and what became of ours."""
    lines = timeline(story, lambda row: reverse("desk:attachment", args=[row.pk]))
    addresses = {one["user"]: one["email"] for one in story.ticket.people_rows}  # type: ignore[attr-defined]
    links = _MAIL_LINKS if permissions.may("mail.handle", user) else replace(_MAIL_LINKS, original=None)
    lines = with_mails(lines, story.ticket, links=links, addresses=addresses, for_staff=True)
    return mail_lines.among(lines, story)


def back(request: HttpRequest, number: int, said: str = "") -> HttpResponse:
    """After an action: the ticket again, as a redirect or at once for htmx, with what was done in words."""
    if said:
        messages.success(request, said)
    if request.headers.get("HX-Request") == "true":
        return show(request, number)
    return SeeOther(f"{reverse('desk:ticket', args=[number])}?{urlencode(_kept(request))}")


def _kept(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("list", "concern") if name in request.GET}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < len("1000") else None


def _chosen(story: Story, position: int | None) -> Concern:
    """The concern asked for, else the first that wants something, else the first."""
    wanted = (one for one in story.concerns if one.position == position)
    unassessed = (one for one in story.concerns if one.is_unassessed)
    going_on = (one for one in story.concerns if not one.is_finished)
    return next(wanted, None) or next(unassessed, None) or next(going_on, story.concerns[0])


def _tabs(story: Story, chosen: Concern, slug: str) -> list[dict[str, Any]]:
    """One tab per concern; none while there is only one: then no page shows the word."""
    if not story.is_mixed:
        return []
    path = reverse("desk:ticket", args=[story.ticket.number])
    return [
        {
            "label": f"{one.position}. {one.title}",
            "url": f"{path}?{urlencode({'list': slug, 'concern': one.position})}",
            "current": one.pk == chosen.pk,
            "meaning": cards.meaning_of(one),
            "status": one.get_status_display(),
        }
        for one in story.concerns
    ]


def _ticket_forms(scope: Scope, bound: Forms, opened: str) -> Forms:
    """The forms about the whole ticket that are shown now."""
    forms = dict(bound)
    if opened == "split":
        forms.setdefault("split", SplitForm(auto_id="id_split_%s"))
    if opened == "restore":
        forms.setdefault("restore", RestoreForm(initial={"at": local_now(scope.now)}, auto_id="id_restore_%s"))
    if opened == "resolve":
        forms.setdefault("resolve", ResolveForm(auto_id="id_resolve_%s"))
    return forms


def _beside(scope: Scope, slug: str, story: Story, frame: dict[str, Any]) -> dict[str, Any]:
    """The narrow list, the bar of this ticket's own deadline, and the articles of the ticket."""
    lines = Lines(scope.service_time, urlencode({"list": slug}))
    rows = first_rows(LISTS[slug], scope, _BESIDE, area=False)
    ticket: Any = story.ticket
    return {
        **beside_ticket(story.ticket, story.messages[0].text if story.messages else ""),
        "articles": used_articles(ticket.article_uses, language=get_language() or "de"),
        "list_title": LISTS[slug].title,
        "list_url": reverse("desk:list", args=[slug]),
        "list_count": capped(frame["counts"][slug]),
        "queue": [(lines.line(row), row.number == ticket.number) for row in rows],
        "bar": lines.bar(ticket) if ticket.status in LIVE else "",
    }
