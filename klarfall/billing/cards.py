"""The card of a concern: covered, chargeable or not offered; why; what it costs; who decides; what comes next.

Portal, desk and mails show the very same words. Pure: made of a `Story`, it asks nothing and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.billing import amounts
from klarfall.billing.cost_words import consumed
from klarfall.billing.models import CostOffer, DecisionKind
from klarfall.billing.status import OfferStatus
from klarfall.billing.story import Decided, Story
from klarfall.contracts.models import CatalogueItem
from klarfall.contracts.models.contract import ContractKind
from klarfall.contracts.queries import local_day
from klarfall.tickets.models import Assessment, Concern, HandoverStatus
from klarfall.tickets.status import ConcernStatus as C
from klarfall.ui.formats import moment, money
from klarfall.ui.klar_karte import Action, KlarKarte


def _nowhere(*_args: Any) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where the card leads on the site that shows it; each takes the object and returns an address, or nothing."""

    clause: Callable[[CatalogueItem], str] = _nowhere
    decide: Callable[[CostOffer], str] = _nowhere
    disagree: Callable[[Concern], str] = _nowhere
    stop: Callable[[Concern], str] = _nowhere
    history: Callable[[Assessment], str] = _nowhere


def meaning_of(concern: Concern) -> str:
    """The meaning of a concern for tags: the outcome of its assessment in force, or "open"."""
    if concern.is_unassessed or concern.current_assessment is None:
        return "open"
    return str(concern.current_assessment.outcome)


def clause_words(item: CatalogueItem) -> tuple[str, str]:
    """Title and text of a catalogue item in the reader's language; the German text is the binding one."""
    if (get_language() or "de").startswith("en"):
        return item.title_en or item.title, item.text_en or item.text
    return item.title, item.text


def clause_label(item: CatalogueItem) -> str:
    """How the catalogue is quoted: `Leistungskatalog B 2.1`."""
    return _("Service catalogue %(clause)s") % {"clause": item.clause}


def pending_offer(story: Story, concern: Concern) -> CostOffer | None:
    """The offer of the concern that waits for an answer."""
    sent = (one for one in story.offers_of(concern) if one.status == OfferStatus.SENT)
    return next(sent, None)


def card(story: Story, concern: Concern, links: Links) -> KlarKarte:
    """Returns the binding card of one concern; concerns without an assessment get the card that says so."""
    if concern.is_unassessed or concern.current_assessment is None:
        return _unassessed(story, concern, links)
    assessment = concern.current_assessment
    words = _BY_STATUS[concern.status](story, concern, links)
    objection = story.open_objection(concern)
    fixed = {
        "state": assessment.outcome,
        "why": assessment.reason,
        "clause_label": clause_label(assessment.item),
        "clause_url": links.clause(assessment.item),
        "changes_if": assessment.item.said("changes_if") if assessment.outcome != "covered" else "",
        "since": _since(story, assessment),
        "disagree_url": "" if objection or assessment.outcome == "covered" else links.disagree(concern),
        "history_url": links.history(assessment),
    }
    if objection:
        fixed["review"] = _(
            "A second person has been checking this since %(when)s. It costs nothing, and as long as it lasts "
            "no minute is billable."
        ) % {"when": moment(objection.at, story.now)}
    return KlarKarte(**{**fixed, **words})


def cards(story: Story, links: Links) -> list[tuple[Concern, KlarKarte]]:
    """Returns every concern with its card, in order."""
    return [(concern, card(story, concern, links)) for concern in story.concerns]


def _since(story: Story, assessment: Assessment) -> str:
    values = {"name": story.name(assessment.assessor_id), "when": moment(assessment.published_at, story.now)}
    return (_("%(name)s, binding since %(when)s") if values["name"] else _("Binding since %(when)s")) % values


def _next_step(concern: Concern, otherwise: str) -> str:
    """The next step which the specialist named, else the usual one."""
    assessment = concern.current_assessment
    return str(assessment.sealed.data.get("next_step") or otherwise) if assessment else otherwise


def _unassessed(story: Story, concern: Concern, links: Links) -> KlarKarte:
    ticket, again = story.ticket, concern.current_assessment
    if again is not None:
        lead = _("We are checking the assessment anew.")
    elif ticket.due_at is not None:
        lead = _("We look through your request by %(when)s.") % {"when": moment(ticket.due_at, story.now)}
    else:
        lead = _("We look through your request.")
    return KlarKarte(
        state="open",
        lead=lead,
        why=_("Not decided yet. A specialist decides, not a program."),
        cost_note=_("None so far. The review is free of charge."),
        decides=_("You, should the work be chargeable."),
        next=_("You get a message with the assessment and its reason."),
        history_url=links.history(again) if again else "",
    )


def _covered(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    line, done = story.ticket.contract_line, concern.status == C.DONE
    if line is not None and line.contract.kind == ContractKind.SERVICE:
        lead = _("We solve this within your service contract.")
        solved = _("Solved within your service contract.")
    else:
        lead = _("We solve this within your maintenance contract.")
        solved = _("Solved within your maintenance contract.")
    usual = _("We get back to you.")
    if story.ticket.due_at is not None:
        usual = _("Next answer by %(when)s.") % {"when": moment(story.ticket.due_at, story.now)}
    return {
        "lead": solved if done else lead,
        "cost_total": money(Decimal(0)),
        "decides": _("Nobody has to approve anything."),
        "next": "" if done else _next_step(concern, usual),
    }


def _chargeable(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    return {
        "lead": _("We only go on after you have decided."),
        "cost_note": _("None so far. You get rate, estimate and cap first."),
        "decides": _("You. Before that we do not work on it."),
        "next": _next_step(concern, _("We send you a cost notice.")),
    }


def _offered(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    offer = pending_offer(story, concern)
    if offer is None:
        return _chargeable(story, concern, links)
    return {
        "lead": _("You decide whether and in which form we go on."),
        "cost_total": amounts.at_most(offer),
        "cost_note": amounts.estimate_and_rate(offer),
        "decides": who_decides(story, offer),
        "next": _("Without a decision the work rests. The cost notice is valid until %(day)s.")
        % {"day": amounts.last_day(offer)},
        "actions": _decide(offer, links),
    }


def who_decides(story: Story, offer: CostOffer) -> str:
    """Who of the customer may decide about this offer, in one sentence."""
    if story.ticket.customer.release_policy == "every_contact":
        return _("You. Everybody of your company who sees this request may decide.")
    needed, today = amounts.cap_amount(offer), local_day(story.now)
    limits = [(story.name(one.user_id), one.release_limit_on(today)) for one in story.releasers]
    fitting = [(name, limit) for name, limit in limits if name and limit is not None and limit >= needed]
    words = [_("%(name)s (cost release up to %(limit)s)") % {"name": n, "limit": money(limit)} for n, limit in fitting]
    if not words:
        return _("People of your company with cost release, within their limit.")
    return _("%(people)s.") % {"people": _(" or ").join(words)}


def _decide(offer: CostOffer, links: Links) -> list[Action]:
    address = links.decide(offer)
    return [Action(label=_("Look and decide"), url=address, primary=True)] if address else []


def _stop(concern: Concern, links: Links) -> list[Action]:
    address = links.stop(concern)
    return [Action(label=_("Stop the work"), url=address)] if address else []


def _decision(story: Story, concern: Concern, *kinds: str) -> tuple[Any, Decided] | None:
    """The latest decision of these kinds about an offer of the concern."""
    for offer in reversed(story.offers_of(concern)):
        decided: Decided | None = offer.decided
        if decided is not None and decided.kind in kinds:
            return offer, decided
    return None


def _decided(story: Story, concern: Concern, *kinds: str) -> dict[str, Any]:
    """Who decided and when, for the row of the same name."""
    found = _decision(story, concern, *kinds)
    if found is None:
        return {}
    offer, decided = found
    name = story.name(decided.user_id) or _("Erased person")
    values = {"name": name, "when": moment(decided.at, story.now), "number": offer.number}
    return {"decided": _("%(name)s, %(when)s, cost notice %(number)s") % values}


def _accepted(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    offer = pending_offer(story, concern)
    words = {
        "verdict": _("Commissioned, chargeable"),
        "lead": _("Commissioned. We work up to the cap and not beyond."),
        "next": _("When the cap is reached we stop and ask you again."),
        "actions": _stop(concern, links),
        **consumed(story, concern),
        **_decided(story, concern, DecisionKind.ACCEPT),
    }
    if offer is not None:
        words |= {
            "lead": _("For further work we need another decision of yours."),
            "next": _("Extension: %(cap)s. Without a decision nothing more becomes billable than the cap you set.")
            % {"cap": amounts.at_most(offer)},
            "decides": who_decides(story, offer),
            "actions": [*_decide(offer, links), *_stop(concern, links)],
        }
    return words


def _cap_reached(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    words = _accepted(story, concern, links) | {"verdict": _("Cap reached")}
    if pending_offer(story, concern) is None:
        stopped = _("The cap is reached. We have stopped.")
        going_on = _("The cap is reached. Whatever we still finish costs you nothing.")
        lead = going_on if concern.pk in story.consumption else stopped
        words |= {"lead": lead, "next": _("We ask you before any further work.")}
    return words


def _finished(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    """A concern that is done; covered and not offered ones were free of charge."""
    outcome = meaning_of(concern)
    if outcome == "covered":
        return _covered(story, concern, links)
    if outcome == "not_offered":
        return _not_offered(story, concern, links)
    return {
        "verdict": _("Done, chargeable"),
        "lead": _("The commissioned work is done."),
        "next": _("No further minute becomes billable."),
        **consumed(story, concern),
        **_decided(story, concern, DecisionKind.ACCEPT),
    }


def _stopped(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    stop = story.last(concern, "work.stopped")
    values = {"name": story.name(stop.actor_id), "when": moment(stop.at, story.now)} if stop else {}
    return {
        "verdict": _("Stopped"),
        "lead": _("You have stopped the work. No later minute is billable."),
        "next": _("Tell us if we are to go on. Then you get a new cost notice."),
        **consumed(story, concern),
        "decided": _("%(name)s, %(when)s") % values if values else "",
    }


def _declined(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    found = _decision(story, concern, DecisionKind.COUNTER, DecisionKind.DECLINE)
    if found is not None and found[1].kind == DecisionKind.COUNTER:
        words = {
            "verdict": _("Your proposal is with us"),
            "lead": _("You have proposed something else. Nothing is commissioned."),
            "next": _("We look at your proposal and send a new cost notice."),
        }
    else:
        words = {
            "verdict": _("Not commissioned"),
            "lead": _("You have not commissioned the work. It costs nothing."),
            "next": _("The history stays here for you. If you change your mind, write to us."),
        }
    words |= {"cost_total": money(Decimal(0))}
    return words | _decided(story, concern, DecisionKind.COUNTER, DecisionKind.DECLINE)


def _expired(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    return {
        "verdict": _("Not commissioned"),
        "lead": _("The cost notice has expired without a decision. It costs nothing."),
        "cost_total": money(Decimal(0)),
        "next": _("If you still need the work, write to us. Then you get a new cost notice."),
    }


def _other_form(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    found = _decision(story, concern, DecisionKind.OTHER_FORM)
    form = found[1].alternative if found else ""
    leads = {
        "article": _("You solve it with an article. It costs nothing."),
        "training": _("You have asked for a training instead. We have passed it on."),
        "consultant": _("You have asked for a consultant instead. We have passed it on."),
    }
    return {
        "verdict": _("In another form"),
        "lead": leads.get(form, _("You have chosen another form.")),
        "cost_total": money(Decimal(0)),
        "cost_note": ""
        if form == "article"
        else _("In support. The other team names its price in an offer of its own."),
        "next": _handover_words(story, concern) or _("If you change your mind, write to us."),
        **_decided(story, concern, DecisionKind.OTHER_FORM),
    }


def _not_offered(story: Story, concern: Concern, links: Links) -> dict[str, Any]:
    assessment = concern.current_assessment
    title = clause_words(assessment.item)[0] if assessment else ""
    values = {"title": title}
    if assessment is not None and assessment.item.is_legal:
        return {
            "lead": _("Legal and tax advice is not part of product support."),
            "cost_note": _("None."),
            "next": _next_step(concern, _("A tax or legal adviser can answer this.")),
        }
    referred = concern.status == C.REFERRED
    lead = _("Our consultants take care of this.") if referred else _("%(title)s is not part of product support.")
    return {
        "lead": lead % values,
        "cost_note": _("None in support. The consultants name their price in an offer of their own.")
        if referred
        else _("None."),
        "decides": _("You. Nothing is ordered without your choice.") if referred else "",
        "next": _handover_words(story, concern) or _next_step(concern, ""),
    }


def _handover_words(story: Story, concern: Concern) -> str:
    event = story.last(concern, "handover.consulting", "handover.training", "handover.status")
    if event is None:
        return ""
    status = str(event.data.get("status", ""))
    values = {
        "number": event.data.get("number", ""),
        "status": HandoverStatus(status).label if status in HandoverStatus.values else "",
    }
    return _("Handed over as number %(number)s: %(status)s.") % values


_BY_STATUS: dict[str, Callable[[Story, Concern, Links], dict[str, Any]]] = {
    C.COVERED: _covered,
    C.CHARGEABLE: _chargeable,
    C.NOT_OFFERED: _not_offered,
    C.REFERRED: _not_offered,
    C.OFFERED: _offered,
    C.ACCEPTED: _accepted,
    C.CAP_REACHED: _cap_reached,
    C.DONE: _finished,
    C.STOPPED: _stopped,
    C.DECLINED: _declined,
    C.EXPIRED: _expired,
    C.OTHER_FORM: _other_form,
}
