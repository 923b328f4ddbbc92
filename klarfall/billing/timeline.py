"""The conversation and history of a ticket in one line of time; customers and specialists read the same.

Pure: made of a `Story`. What a viewer must not see (notes, internal events) is not in their story in the first place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.billing import amounts
from klarfall.billing.story import Decided, FileRow, Story
from klarfall.core import vendor
from klarfall.tickets.callback_words import told_slot
from klarfall.tickets.models import TicketEvent
from klarfall.ui.formats import duration, moment, money


@dataclass(frozen=True, kw_only=True)
class File:
    """A file under a message."""

    name: str
    size: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message. `internal` marks notes, which only specialists ever get."""

    anchor: str
    author: str
    us: bool
    role: str
    when: str
    text: str
    internal: bool = False
    erased: bool = False
    concern: str = ""
    files: list[File] = field(default_factory=list)
    at: datetime | None = None
    is_message: bool = True
    pk: int = 0
    author_id: int = 0
    channel: str = ""
    #: What belongs to a message that came by mail; filled by the app above that knows of mails.
    mail: Any = None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """A single line of history: its fact and what else there is to it."""

    anchor: str
    text: str
    more: str
    when: str
    icon_name: str = "info"
    meaning: str | None = None
    at: datetime | None = None
    is_message: bool = False


def anchor_of(event: TicketEvent) -> str:
    """Where on the page an event stands."""
    return f"e{event.sequence}"


def timeline(story: Story, file_url: Callable[[FileRow], str]) -> list[Said | Happened]:
    """Returns messages and events, oldest first; at one instant what was said comes before what followed."""
    lines: list[tuple[Any, Said | Happened]] = []
    for message in story.messages:
        lines.append(((message.created_at, 0, message.pk), _said(story, message, file_url)))
    for event in story.events:
        if line := _happened(story, event):
            lines.append(((event.at, 1, event.sequence), line))
    return [line for _key, line in sorted(lines, key=lambda pair: pair[0])]


def assessed_at(story: Story, assessment_id: int) -> str:
    """The anchor of the event that published an assessment; empty if it is not in this story."""
    for event in story.events:
        if event.kind == "assessment.published" and event.data.get("assessment") == assessment_id:
            return anchor_of(event)
    return ""


def _said(story: Story, message: Any, file_url: Callable[[FileRow], str]) -> Said:
    us, erased = not message.from_customer, message.sealed.erased_at is not None
    concern = story.concern(message.concern_id) if story.is_mixed else None
    return Said(
        anchor=f"m{message.pk}",
        author=story.name(message.author_id) or _("Erased person"),
        us=us,
        role=vendor.current().support_name if us else "",
        when=moment(message.created_at, story.now, short=True),
        text=_("This text was erased.") if erased else message.text,
        internal=message.internal,
        erased=erased,
        concern=concern.title if concern else "",
        files=[File(name=one.name, size=one.size, url=file_url(one)) for one in message.file_rows],
        at=message.created_at,
        pk=message.pk,
        author_id=message.author_id,
        channel=message.channel,
    )


def _happened(story: Story, event: TicketEvent) -> Happened | None:
    draw = _LINES.get(event.kind)
    if draw is None:
        return None
    icon_name, meaning, words = draw
    found = words(story, event)
    if not found:
        return None
    text, more = found
    concern = story.concern(event.data.get("concern")) if story.is_mixed else None
    if concern is not None and event.kind != "concern.added":  # that line names its concern itself
        more = f"{more} · {concern.title}" if more else f"· {concern.title}"
    return Happened(
        anchor=anchor_of(event),
        text=text,
        more=more,
        when=moment(event.at, story.now, short=True),
        icon_name=icon_name,
        meaning=_outcome(story, event) if meaning == "outcome" else meaning,
        at=event.at,
    )


Words = tuple[str, str] | None


def _who(story: Story, event: TicketEvent) -> str:
    return story.name(event.actor_id) or _("Erased person")


def _by(sentence: Any) -> Callable[[Story, TicketEvent], Words]:
    """A sentence with the name of whoever did it."""
    return lambda story, event: (str(sentence) % {"name": _who(story, event)}, "")


def _outcome(story: Story, event: TicketEvent) -> str:
    return str(event.data.get("outcome") or "open")


def _assessed(story: Story, event: TicketEvent) -> Words:
    values = {"name": _who(story, event)}
    verdicts = {
        "covered": _("Assessed: covered by the contract"),
        "chargeable": _("Assessed: chargeable"),
        "not_offered": _("Assessed: not part of product support"),
    }
    verdict = verdicts.get(_outcome(story, event))
    return (verdict % values, _("by %(name)s") % values) if verdict else None


def _offer(story: Story, event: TicketEvent) -> Any:
    wanted = event.data.get("offer")
    return next((one for offers in story.offers.values() for one in offers if one.pk == wanted), None)


def _offer_sent(story: Story, event: TicketEvent) -> Words:
    offer = _offer(story, event)
    if offer is None:
        return _("Cost notice sent"), ""
    values = {"number": offer.number, "cap": amounts.at_most(offer)}
    return _("Cost notice %(number)s sent") % values, _("%(cap)s; the work rests until the decision") % values


def _numbered(sentence: Any) -> Callable[[Story, TicketEvent], Words]:
    def words(story: Story, event: TicketEvent) -> Words:
        offer = _offer(story, event)
        return str(sentence) % {"number": offer.number if offer else ""}, ""

    return words


def _decided(story: Story, event: TicketEvent) -> Words:
    offer = _offer(story, event)
    decided: Decided | None = offer.decided if offer else None
    if decided is None:
        return None
    cap = amounts.cap_amount(offer, amounts.caps_in_force(offer, decided.chosen))
    values = {"name": story.name(decided.user_id) or _("Erased person"), "cap": money(cap, offer.currency)}
    sentences = {
        "accept": (_("Commissioned"), _("by %(name)s, at most %(cap)s")),
        "decline": (_("Not commissioned"), _("by %(name)s")),
        "counter": (_("Something else proposed"), _("by %(name)s")),
        "other_form": (_("Another form chosen"), _("by %(name)s")),
    }
    verdict, more = sentences[decided.kind]
    wished = amounts.money_at_most(decided.wished, offer.currency) if decided.wished else ""
    return verdict, ": ".join(filter(None, [more % values, wished, decided.comment]))


def _sealed(event: TicketEvent) -> str:
    return event.sealed.text if event.sealed else ""


def _objection_opened(story: Story, event: TicketEvent) -> Words:
    return _("%(name)s sees it differently") % {"name": _who(story, event)}, _sealed(event)


def _objection_reviewed(story: Story, event: TicketEvent) -> Words:
    results = {
        "confirmed": _("Second review: the assessment stays"),
        "changed": _("Second review: the assessment changes"),
        "partly": _("Second review: the assessment changes in part"),
    }
    result = results.get(str(event.data.get("result")), _("Second review finished"))
    more = _("by %(name)s") % {"name": _who(story, event)}
    return result, ": ".join(filter(None, [more, _sealed(event)]))


def _passed_on(story: Story, event: TicketEvent) -> Words:
    to = story.name(event.data.get("to"))
    if not to:
        return _by(_("%(name)s has passed the decision on"))(story, event)
    return _("%(name)s has passed the decision on to %(to)s") % {"name": _who(story, event), "to": to}, ""


def _time(story: Story, event: TicketEvent) -> Words:
    wanted = event.data.get("entry")
    for entry in story.entries:
        if entry.pk == wanted and entry.end is not None and entry.purpose == "work":
            minutes = int((entry.end - entry.start).total_seconds() // 60)
            late = _("entered late: %(reason)s") % {"reason": entry.late_reason} if entry.is_late else ""
            words = [entry.activity, story.name(entry.agent_id), late]
            return _("%(time)s of work") % {"time": duration(minutes)}, " · ".join(filter(None, words))
    return None


def _record_issued(story: Story, event: TicketEvent) -> Words:
    number, net = event.data.get("revision"), Decimal(str(event.data.get("net", 0)))
    text = _("Service record issued, revision %(number)s") % {"number": number}
    return text, _("%(amount)s net") % {"amount": money(net)}


def _record_disputed(story: Story, event: TicketEvent) -> Words:
    return _("%(name)s sees the service record differently") % {"name": _who(story, event)}, _sealed(event)


def _text_of(sentence: Any) -> Callable[[Story, TicketEvent], Words]:
    """A sentence and the text that belongs to the event."""
    return lambda _story, event: (str(sentence), _sealed(event))


def _goodwill(story: Story, event: TicketEvent) -> Words:
    data = event.data
    less = money(Decimal(str(data["before"])) - Decimal(str(data["after"])))
    more = _("by %(name)s") % {"name": _who(story, event)}
    if data["minutes"]:
        values = {"time": duration(data["minutes"]), "amount": less}
        return _("Goodwill: %(time)s, %(amount)s less") % values, f"{more}: {_sealed(event)}"
    return _("Goodwill: %(amount)s less") % {"amount": less}, f"{more}: {_sealed(event)}"


def _dropped(story: Story, event: TicketEvent) -> Words:
    before, credited = (Decimal(str(event.data[name])) for name in ("before", "credited"))
    values = {"before": money(before), "credited": money(credited)}
    if credited:
        return _("Costs nothing any more"), _("%(credited)s that were billed are credited") % values
    return _("Costs nothing any more"), _("instead of %(before)s") % values


def _restored(story: Story, event: TicketEvent) -> Words:
    return _("Ability to work restored"), story.ticket.workaround


def _resolved(story: Story, event: TicketEvent) -> Words:
    last = max((one.sequence for one in story.events if one.kind.startswith("ticket.resolve")), default=0)
    return _("Solved"), story.ticket.solution if event.sequence == last else ""


def _rated(story: Story, event: TicketEvent) -> Words:
    stars = event.data.get("stars")
    return (_("Help rated with %(stars)s of 5") % {"stars": stars}, "") if stars else None


def _bounced(story: Story, event: TicketEvent) -> Words:
    name = story.name(event.data.get("to")) or _("Erased person")
    if event.data.get("final"):
        return _("E-mail to %(name)s came back") % {"name": name}, _("undeliverable")
    return _("E-mail to %(name)s is late") % {"name": name}, _("their mail server tries on")


def _assigned(story: Story, event: TicketEvent) -> Words:
    name = story.name(event.data.get("to"))
    return (_("Now in the hands of %(name)s") % {"name": name}, "") if name else None


def _problem_fixed(_story: Story, event: TicketEvent) -> Words:
    versions = {"version": event.data.get("version"), "installed": event.data.get("installed")}
    text = _("Known problem fixed in %(version)s") % versions
    have = _("you have %(installed)s") % versions if versions["installed"] else ""
    return text, " · ".join(filter(None, [have, _sealed(event)]))


#: kind of event -> icon, meaning ("outcome" = that of the assessment), words. Kinds that are missing tell people
#: nothing that another line does not: messages are shown themselves, the steps of concerns follow from decisions.
def _callback(story: Story, event: TicketEvent) -> Words:
    return _("Call back wished"), told_slot(event.data, story.now)


_LINES: dict[str, tuple[str, str | None, Callable[[Story, TicketEvent], Words]]] = {
    "ticket.begin_review": ("search", None, _by(gettext_lazy("Looked through by %(name)s"))),
    "ticket.reopen": ("refresh", None, _by(gettext_lazy("Reopened by %(name)s"))),
    "ticket.resolve": ("check", None, _resolved),
    "ticket.resolve_by_itself": ("check", None, _resolved),
    "ticket.close": ("lock", None, _text_of(gettext_lazy("Closed"))),
    "ticket.cancel": ("close", None, _by(gettext_lazy("Withdrawn by %(name)s"))),
    "ticket.assigned": ("person", None, _assigned),
    "ticket.rated": ("star", None, _rated),
    "coverage.asked": ("question", None, _by(gettext_lazy("%(name)s asks: is this covered by the contract?"))),
    "mail.bounced": ("mail", "you", _bounced),
    "concern.added": ("layers", None, _text_of(gettext_lazy("Another concern added"))),
    "assessment.published": ("open", "outcome", _assessed),
    "objection.opened": ("scales", "you", _objection_opened),
    "objection.reviewed": ("scales", None, _objection_reviewed),
    "objection.withdrawn": ("scales", None, _by(gettext_lazy("%(name)s has withdrawn the objection"))),
    "offer.send": ("you", "you", _offer_sent),
    "offer.expire": (
        "clock",
        None,
        _numbered(gettext_lazy("Cost notice %(number)s has expired, nothing was commissioned")),
    ),
    "offer.withdraw": ("close", None, _numbered(gettext_lazy("Cost notice %(number)s withdrawn"))),
    "offer.exhaust": (
        "stop",
        None,
        _numbered(gettext_lazy("Cap of cost notice %(number)s reached, nothing more is billable")),
    ),
    "offer.passed_on": ("people", "you", _passed_on),
    "decision.made": ("check", None, _decided),
    "goodwill.granted": ("coins", "covered", _goodwill),
    "costs.dropped": ("coins", "covered", _dropped),
    "work.stopped": ("stop", None, _by(gettext_lazy("Work stopped by %(name)s"))),
    "work.restored": ("check", "covered", _restored),
    "time.recorded": ("timer", None, _time),
    "record.issued": ("file", None, _record_issued),
    "record.confirmed": ("check", None, _by(gettext_lazy("Service record confirmed by %(name)s"))),
    "record.disputed": ("scales", "you", _record_disputed),
    "handover.consulting": ("handover", None, _by(gettext_lazy("Handed over to the consultants by %(name)s"))),
    "handover.training": ("training", None, _by(gettext_lazy("Training requested by %(name)s"))),
    "callback.wished": ("phone", None, _callback),
    "callback.cancelled": ("phone", None, _by(gettext_lazy("Call back taken back by %(name)s"))),
    "callback.done": ("phone", None, _by(gettext_lazy("Called back by %(name)s"))),
    "callback.missed": ("phone", "you", _by(gettext_lazy("Tried to call back, nobody reached: %(name)s"))),
    "portal.suggested": ("mail", None, _by(gettext_lazy("%(name)s has mailed the link to add something here"))),
    "problem.attached": ("link", None, _text_of(gettext_lazy("Belongs to a known problem"))),
    "problem.detached": ("link", None, _text_of(gettext_lazy("Does not belong to the known problem after all"))),
    "problem.workaround": ("info", None, _text_of(gettext_lazy("Workaround found for the known problem"))),
    "problem.fixed": ("check", None, _problem_fixed),
    "consent.recorded": ("remote", None, _text_of(gettext_lazy("Remote session with your consent"))),
    "remote.invited": ("remote", "you", _text_of(gettext_lazy("Asked for a remote session"))),
    "remote.declined": ("remote", None, _text_of(gettext_lazy("Remote session declined"))),
    "remote.withdrawn": (
        "remote",
        None,
        _by(gettext_lazy("%(name)s has taken back the consent to the remote session")),
    ),
    "remote.cancelled": ("remote", None, _by(gettext_lazy("Remote session cancelled by %(name)s"))),
    "remote.started": ("remote", None, _by(gettext_lazy("Remote session begun by %(name)s"))),
    "remote.ended": ("remote", None, _by(gettext_lazy("Remote session ended by %(name)s"))),
}
