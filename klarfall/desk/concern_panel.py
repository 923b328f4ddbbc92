"""The side pane of one concern: what can be decided about it now, with which forms."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing import amounts, cards
from klarfall.billing.pricing import listed_caps
from klarfall.billing.status import OfferStatus
from klarfall.billing.story import Story
from klarfall.billing.wording import cap_text
from klarfall.contracts.entitlement import Point, checklist
from klarfall.contracts.models import CatalogueItem
from klarfall.desk import customer_facts, money_panel, reference
from klarfall.desk.durations import span_text
from klarfall.desk.forms.money import DefectForm, GoodwillForm
from klarfall.desk.forms.remote import InviteForm
from klarfall.desk.forms.verdicts import FORMS
from klarfall.desk.forms.work import (
    ConsentForm,
    OfferForm,
    PhoneDecisionForm,
    ReviewForm,
    TimeForm,
    TitleForm,
    local_now,
)
from klarfall.desk.remote_panel import remote_panel
from klarfall.desk.time_panel import time_panel
from klarfall.desk.worklists import Scope
from klarfall.tickets.models import Concern
from klarfall.tickets.status import ConcernStatus as C

#: Where a further cost notice is possible: nothing waits for an answer, nothing runs.
_OFFER_AGAIN = (C.CHARGEABLE, C.DECLINED, C.EXPIRED, C.OTHER_FORM, C.STOPPED)
_EXTEND = (C.ACCEPTED, C.CAP_REACHED)
_FINISH = (C.ACCEPTED, C.CAP_REACHED, C.COVERED, C.NOT_OFFERED)
#: Forms belong to the action of the same name; a view hands back the one that was refused.
Forms = dict[str, Any]


@dataclass(kw_only=True)
class Panel:
    """Everything the side pane shows of the chosen concern. A form is there only where its action is possible."""

    concern: Concern
    card: Any
    forms: Forms
    checks: list[tuple[str, bool]]
    proposal: dict[str, Any] | None = None
    outcome: str = ""
    offers: list[dict[str, Any]] = field(default_factory=list)
    may_offer: bool = False
    is_extension: bool = False
    wish: str = ""
    objection: Any = None
    may_finish: bool = False
    may_defect: bool = False
    #: What the customer pays for the concern; None where nothing was ever commissioned.
    money: money_panel.Money | None = None
    time: dict[str, Any] = field(default_factory=dict)
    remote: dict[str, Any] = field(default_factory=dict)
    #: The sections that are shown open; the forms of closed ones are fetched when somebody opens them.
    opened: set[str] = field(default_factory=set)


def panel_of(story: Story, concern: Concern, scope: Scope, timer: Any, bound: Forms, opened: str) -> Panel:
    """The pane of a concern; `bound` holds forms that were sent and refused, `opened` the section to show open."""
    panel = Panel(concern=concern, card=None, forms=dict(bound), checks=_checks(story), opened={opened})
    item = _proposed(story, concern)
    if concern.is_unassessed:
        panel.proposal = _proposal(story, item)
    else:
        panel.card = cards.card(story, concern, cards.Links())
    panel.objection = story.open_objection(concern)
    if (concern.is_unassessed and story.ticket.is_live) or "assess" in panel.opened:
        _verdict_forms(panel, story, item)
    _offer_parts(panel, story, scope)
    _other_forms(panel, story, scope)
    _money_parts(panel, story)
    panel.may_finish = concern.status in _FINISH and panel.objection is None
    panel.time = time_panel(story, concern, scope, timer)
    panel.remote = remote_panel(story, scope)
    return panel


def _checks(story: Story) -> list[tuple[str, bool]]:
    ticket = story.ticket
    line = ticket.contract_line
    found = checklist(
        channels=line.channels if line else None,
        channel=ticket.channel,
        contact_belongs=ticket.contact.customer_id == ticket.customer_id,
    )
    words = {
        Point.CONTRACT: _("active contract for %(product)s on arrival") % {"product": ticket.product.name},
        Point.CONTACT: _("the person belongs to the customer"),
        Point.CHANNEL: _("the channel is agreed: %(channel)s") % {"channel": ticket.get_channel_display()},
    }
    return [(words[one.point], one.met) for one in found]


def _proposed(story: Story, concern: Concern) -> CatalogueItem | None:
    """The item behind the tile that the customer chose; concerns split off later have none."""
    if concern.current_assessment is not None:
        return concern.current_assessment.item
    tile = reference.tiles().get(story.ticket.kind_id or 0)
    if tile is None or concern.position != 1:
        return None
    return reference.catalogue(story.ticket.terms_id).by_code(tile.usual_item)


def _proposal(story: Story, item: CatalogueItem | None) -> dict[str, Any] | None:
    """The suggestion card. It rests on the chosen tile alone and says so."""
    tile = reference.tiles().get(story.ticket.kind_id or 0)
    if item is None or tile is None:
        return None
    return {
        "meaning": item.outcome,
        "clause": item.clause,
        "text": item.said("title"),
        "pros": [_("Suggestion from the chosen tile: “%(tile)s”") % {"tile": tile.words}],
        "cons": [_("changes if %(condition)s") % {"condition": item.said("changes_if")}] if item.changes_if else [],
    }


def _verdict_forms(panel: Panel, story: Story, item: CatalogueItem | None) -> None:
    for outcome, form in FORMS.items():
        if outcome in panel.forms:
            panel.outcome = outcome
        else:
            panel.forms[outcome] = form(story=story, concern=panel.concern, proposed=item)
    panel.outcome = panel.outcome or (item.outcome if item else "")


def _offer_parts(panel: Panel, story: Story, scope: Scope) -> None:
    concern = panel.concern
    offers = story.offers_of(concern)
    panel.offers = [_offer(story, one) for one in reversed(offers)]
    sent = next((one for one in offers if one.status == OfferStatus.SENT), None)
    if sent is not None:
        _phone_form(panel, story, sent)
        return
    panel.is_extension = concern.status in _EXTEND
    may_offer = concern.status in _OFFER_AGAIN or panel.is_extension
    panel.may_offer = may_offer and panel.objection is None and story.ticket.is_live
    last = offers[-1] if offers else None
    panel.wish = last.decided.comment if last and last.decided and last.decided.kind == "counter" else ""
    if panel.may_offer and (panel.wish or concern.status in (C.CAP_REACHED, C.CHARGEABLE)):
        panel.opened.add("offer")
    if panel.may_offer and "offer" in panel.opened:
        start = _offer_start(concern, last, customer_facts.language_of(story.ticket))
        panel.forms.setdefault("offer", OfferForm(initial=start, auto_id="id_offer_%s"))


def _phone_form(panel: Panel, story: Story, sent: Any) -> None:
    if "phone" in panel.opened and "phone" not in panel.forms:
        caps = list(enumerate(cap_text(sent, caps) for caps in listed_caps(sent)))
        people = customer_facts.contact_choices(story.ticket)
        panel.forms["phone"] = PhoneDecisionForm(people=people, caps=caps, auto_id="id_phone_%s")


def _offer_start(concern: Concern, last: Any, language: str) -> dict[str, Any]:
    """A further notice begins with the words of the last one, else with those of the catalogue."""
    if last is not None:
        text = span_text(last.estimate_min, last.estimate_max)
        return {"estimate": text, "scope": last.scope, "exclusions": last.exclusions}
    item = concern.current_assessment.item if concern.current_assessment else None
    if item is None:
        return {}
    text = span_text(item.estimate_min, item.estimate_max)
    scope, exclusions = (item.said(name, language) for name in ("default_scope", "default_exclusions"))
    return {"estimate": text, "scope": scope, "exclusions": exclusions}


def _offer(story: Story, offer: Any) -> dict[str, Any]:
    """One offer as the pane lists it."""
    return {
        "offer": offer,
        "cap": amounts.at_most(offer),
        "estimate": amounts.estimate_and_rate(offer),
        "valid_until": amounts.last_day(offer),
        "use": story.used.get(offer.pk),
        "decided": offer.decided,
        "by": story.name(offer.decided.user_id) if offer.decided else "",
        "is_sent": offer.status == OfferStatus.SENT,
    }


def _other_forms(panel: Panel, story: Story, scope: Scope) -> None:
    """The forms of the sections that are open."""
    now = local_now(scope.now)
    makers: dict[str, Any] = {
        "split": lambda: TitleForm(initial={"title": panel.concern.title}, auto_id="id_title_%s"),
        "time": lambda: TimeForm(initial={"end": now}, auto_id="id_time_%s"),
        "invite": lambda: InviteForm(people=customer_facts.contact_choices(story.ticket), auto_id="id_invite_%s"),
        "consent": lambda: ConsentForm(
            people=customer_facts.contact_choices(story.ticket), initial={"at": now}, auto_id="id_consent_%s"
        ),
    }
    for name, make in makers.items():
        key = "title" if name == "split" else name
        if name in panel.opened and key not in panel.forms:
            panel.forms[key] = make()
    if panel.objection is not None and "review" not in panel.forms:
        found = panel.concern.current_assessment
        initial = {"cause": found.cause, "training": found.training} if found else {}
        panel.forms["review"] = ReviewForm(items=items_of(story), initial=initial, auto_id="id_review_%s")


def _money_parts(panel: Panel, story: Story) -> None:
    """Goodwill and defects, on requests of every state but withdrawn ones."""
    panel.money = money_panel.money_of(story, panel.concern, with_billed=bool(panel.opened & {"defect", "goodwill"}))
    panel.may_defect = money_panel.may_defect(story, panel.concern) and panel.objection is None
    if "defect" in panel.opened:
        panel.forms.setdefault("defect", DefectForm(auto_id="id_defect_%s"))
    if "goodwill" in panel.opened and panel.money is not None:
        start = {"seen": len(panel.money.grants)}
        panel.forms.setdefault("goodwill", GoodwillForm(initial=start, auto_id="id_goodwill_%s"))


def items_of(story: Story) -> list[CatalogueItem]:
    catalogue, product = reference.catalogue(story.ticket.terms_id), story.ticket.product_id
    return [item for outcome in FORMS for item in catalogue.items_for(product, outcome)]
