"""What a new request starts from: as whom one writes, the draft with its files, and the promise of the first answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from klarfall.accounts.permissions import may
from klarfall.billing.cards import clause_label
from klarfall.contracts.models import ContractLine, InstalledVersion, Product, RequestKind
from klarfall.customers.models import Contact
from klarfall.portal.agreed import missing_for
from klarfall.portal.offering import Offering, offering
from klarfall.portal.shell import own_calendar, viewer_of
from klarfall.service_levels.clock import now_at
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.phrases import now_phrase, week_phrase
from klarfall.service_levels.queries import hours_of, target_of
from klarfall.tickets.models import RequestDraft, Upload
from klarfall.tickets.sla import first_due
from klarfall.ui.formats import duration, moment
from klarfall.ui.klar_karte import KlarKarte


@dataclass
class Writing:
    """The desk of somebody who writes a request. `contacts` may send requests, one per company."""

    request: HttpRequest
    now: datetime
    offered: Offering
    contacts: list[Contact]

    @property
    def contact(self) -> Contact:
        """As whom the person writes: the company named in the form, else the first."""
        wanted = self.request.POST.get("contact") or self.request.GET.get("contact")
        return next((one for one in self.contacts if str(one.pk) == wanted), self.contacts[0])

    @cached_property
    def draft(self) -> RequestDraft | None:
        """The draft of this contact."""
        draft: RequestDraft | None = RequestDraft.objects.filter(
            contact=self.contact, discarded_at__isnull=True
        ).first()
        return draft

    @cached_property
    def uploads(self) -> list[Upload]:
        """The files that wait for the request to be sent."""
        return list(Upload.objects.filter(draft=self.draft).order_by("pk")) if self.draft else []

    def forget_draft(self) -> None:
        """Read draft and files anew, after they were changed."""
        for name in ("draft", "uploads"):
            self.__dict__.pop(name, None)

    @cached_property
    def lines(self) -> list[ContractLine]:
        """The contract lines of the viewer's companies, with product and calendar."""
        rows = ContractLine.objects.filter(customer_id__in=viewer_of(self.request).customer_ids)
        return list(rows.select_related("calendar", "contract").order_by("product__order", "pk"))

    @cached_property
    def versions(self) -> dict[int, InstalledVersion]:
        """What this contact's company runs, by product."""
        rows = InstalledVersion.objects.filter(customer_id=self.contact.customer_id).select_related("version")
        return {one.product_id: one for one in rows.order_by("since")}

    def initial(self) -> dict[str, Any]:
        """What the form starts with: the draft, else the first product under contract."""
        line = next((one for one in self.lines if one.customer_id == self.contact.customer_id), None)
        first = {"contact": str(self.contact.pk), "product": str(line.product_id) if line else ""}
        return {**first, **(self.draft.data if self.draft else {})}

    def calendar_for(self, product: Product | None) -> ServiceCalendar | None:
        """The service hours agreed for the product, else those of any line."""
        ids = {product.pk, product.parent_id} if product else set()
        mine = [one for one in self.lines if one.customer_id == self.contact.customer_id]
        line = next((one for one in mine if one.product_id in ids), None)
        return line.calendar if line else own_calendar(self.request)

    def not_covered(self, product: Product | None) -> str:
        """Why work on the product would be chargeable, told before anybody sends; empty under a contract (R2)."""
        lines = [one for one in self.lines if one.customer_id == self.contact.customer_id]
        return missing_for(lines, product, self.now)

    def version_of(self, product: Product) -> Any:
        """The installed version of the product, if we know it."""
        known = self.versions.get(product.pk)
        return known.version if known else None


def writing(request: HttpRequest, now: datetime) -> Writing:
    """Returns where the signed-in person writes: as every contact that may send requests."""
    rows = Contact.objects.filter(pk__in=viewer_of(request).contact_ids).select_related("customer")
    able = [one for one in rows.order_by("customer__name", "pk") if may("ticket.submit", request.user, one)]
    return Writing(request, now, offering(now), able)


def promise(calendar: ServiceCalendar | None, impact: str, now: datetime) -> dict[str, str]:
    """The promise of the first answer, for the macro `ui.promise`; sent now."""
    if calendar is None:
        return {"title": _("We get back to you"), "text": ""}
    hours = hours_of(calendar)
    due, state = first_due(calendar, impact, now), now_at(now, hours)
    minutes = int(target_of(calendar, impact) / timedelta(minutes=1))
    words = [
        _("%(time)s of service time from sending on.") % {"time": duration(minutes)},
        _("Service hours %(week)s.") % {"week": week_phrase(hours.at(now))},
    ]
    if not state.is_open:
        words.insert(0, f"{now_phrase(state)}.")
    if calendar.sample:
        words.append(_("Example value."))
    return {"title": _("First answer by %(when)s") % {"when": moment(due, now)}, "text": " ".join(words)}


def usual_card(offered: Offering, kind: RequestKind | None, catalogue_url: str) -> KlarKarte:
    """The card beside the form: how such concerns are usually assessed. Dashed, because nobody has looked at it yet."""
    lead = _("Not binding – binding only after a specialist has looked at it.")
    rest: dict[str, Any] = {
        "cost_note": _("None by sending. If it becomes chargeable, we first name rate, estimate and cap."),
        "decides": _("You. Before that we do not work on it."),
    }
    if kind is None or not kind.usual_outcome:
        return KlarKarte(state="open", provisional=True, verdict=_("We assess it for you"), lead=lead, **rest)
    item = offered.usual_item(kind)
    verdicts = {
        "covered": _("Usually covered by the contract"),
        "chargeable": _("Usually chargeable"),
        "not_offered": _("Usually not in product support"),
    }
    return KlarKarte(
        state=kind.usual_outcome,
        provisional=True,
        verdict=verdicts[kind.usual_outcome],
        lead=lead,
        why=_("This is how we usually assess “%(kind)s”.") % {"kind": kind.title},
        clause_label=clause_label(item) if item else "",
        clause_url=catalogue_url + f"#{item.clause.replace(' ', '-')}" if item else "",
        changes_if=item.said("changes_if") if item else "",
        **rest,
    )
