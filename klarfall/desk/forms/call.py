"""A call as it is written down while somebody listens: a note and one button; the rest has its start values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.channels import open_kinds
from klarfall.contracts.models import CatalogueItem, Outcome, Product, RequestKind
from klarfall.contracts.models.product import ChannelKind
from klarfall.customers.models import Contact
from klarfall.customers.phone_numbers import LONGEST
from klarfall.desk import reference
from klarfall.desk.forms.fields import FilesField
from klarfall.service_levels.models import Impact
from klarfall.telephony.actions.calls import CallNote
from klarfall.telephony.models import CallOutcome, Direction
from klarfall.tickets import text
from klarfall.tickets.actions.submit import NewRequest
from klarfall.tickets.models import Ticket

#: How a request may be written down for somebody else.
WAYS = (ChannelKind.PHONE, ChannelKind.EMAIL)
_FORMAT = "%Y-%m-%dT%H:%M:%S"
#: What a button means for the call where nobody chose otherwise.
_USUAL = {"answered": CallOutcome.ANSWERED, "request": CallOutcome.NEEDS_WORK, "add": CallOutcome.ANSWERED}


def callable_for_desk() -> list[Product]:
    """The products for which a request may be written down: by telephone or mail, unless both are switched off."""
    return [one for one in reference.products() if open_kinds(one.pk, WAYS)]


class _ExactMoment(forms.DateTimeField):
    """A local instant to the second, so that minutes are counted from what was."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local", "step": "1"}, format=_FORMAT)
        super().__init__(input_formats=[_FORMAT, "%Y-%m-%dT%H:%M"], widget=widget, **kwargs)


class NoteForm(forms.Form):
    """What every call has. `started` is when the page was opened, an empty `ended` is now."""

    note = forms.CharField(
        label=_("Note, which the customer reads"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4})
    )
    number = forms.CharField(label=_("Telephone number"), required=False, max_length=LONGEST)
    direction = forms.ChoiceField(label=_("Who called"), choices=Direction.choices, initial=Direction.INCOMING)
    started = _ExactMoment(label=_("Start"))
    ended = _ExactMoment(label=_("End"), required=False, help_text=_("Empty: now."))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, **kwargs)

    def call(self, outcome: str, **more: Any) -> CallNote:
        """What the actions take."""
        data = self.cleaned_data
        return CallNote(
            started_at=min(data["started"], self.now),
            ended_at=data["ended"] or self.now,
            outcome=outcome,
            note=data["note"],
            number=data["number"],
            direction=data["direction"],
            **more,
        )


class CallForm(NoteForm):
    """The call of a contact: answered under the contract, a new request, or added to one that is there."""

    title = forms.CharField(
        label=_("In one sentence"),
        required=False,
        max_length=text.LINE,
        help_text=_("Empty: the note's first sentence."),
    )
    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    item = forms.TypedChoiceField(label=_("Clause"), coerce=int, required=False, empty_value=None)
    ticket = forms.TypedChoiceField(label=_("Belongs to"), coerce=int, required=False, empty_value=None)
    outcome = forms.ChoiceField(label=_("How the call ended"), required=False)
    channel = forms.ChoiceField(label=_("How it reached us"))
    area = forms.TypedChoiceField(label=_("Area"), coerce=int, required=False, empty_value=None)
    kind = forms.TypedChoiceField(label=_("Kind"), coerce=int, required=False, empty_value=None)
    tried = forms.CharField(
        label=_("What have they tried already?"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    impact = forms.ChoiceField(
        label=_("How much does it hinder them?"),
        choices=Impact.choices,
        initial=Impact.HINDERED,
        required=False,
        widget=forms.RadioSelect,
    )
    confidential = forms.BooleanField(label=_("Confidential within the company"), required=False)
    attachments = FilesField(label=_("Files"))

    def __init__(
        self,
        *args: Any,
        items: Sequence[CatalogueItem],
        tickets: Sequence[Ticket],
        contact: Contact,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.products = {one.pk: one for one in callable_for_desk()}
        self.areas = {area.pk: area for one in self.products.values() for area in one.areas.all()}
        self.items, self.tickets = {one.pk: one for one in items}, {one.pk: one for one in tickets}
        language = contact.user.language
        kinds = [kind for kind in WAYS if any(kind in open_kinds(pk, WAYS) for pk in self.products)]
        none = [("", _("not known"))]
        choices: dict[str, list[Any]] = {
            "product": [(pk, one.name) for pk, one in self.products.items()],
            "item": [(pk, f"{one.clause} {one.said('title', language)}") for pk, one in self.items.items()],
            "ticket": [
                ("", _("a new request")),
                *((pk, f"{one.number} {one.title}") for pk, one in self.tickets.items()),
            ],
            "outcome": [("", _("as the button says")), *CallOutcome.choices],
            "channel": [(one.value, one.label) for one in kinds],
            "area": [*none, *reference.area_choices()],
            "kind": [("", _("not sure")), *((pk, tile.words) for pk, tile in reference.tiles().items())],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        product, area = data.get("product"), self.areas.get(data.get("area") or 0)
        if area is not None and area.product_id != product:
            self.add_error("area", _("This area belongs to another product."))
        if product and data.get("channel") and data["channel"] not in open_kinds(product, WAYS):
            self.add_error("channel", _("This way of contact is switched off for this product."))
        if not data.get("note") and data.get("outcome") not in (CallOutcome.NOBODY, CallOutcome.WRONG_NUMBER):
            self.add_error("note", _("Please write down what was said; the customer reads it."))
        return data

    def outcome_of(self, button: str) -> str:
        """How the call ended: as somebody chose, else as the button says."""
        return self.cleaned_data["outcome"] or _USUAL.get(button, CallOutcome.ANSWERED)

    @property
    def chosen_item(self) -> CatalogueItem | None:
        """The clause under which the contract covers it."""
        return self.items.get(self.cleaned_data["item"] or 0)

    @property
    def chosen_ticket(self) -> Ticket | None:
        """The request to which the call belongs, if it is there already."""
        return self.tickets.get(self.cleaned_data["ticket"] or 0)

    def request(self) -> NewRequest:
        """The new request: what was asked is the sentence, else the note."""
        data = self.cleaned_data
        kind = RequestKind.objects.filter(pk=data["kind"]).first() if data["kind"] else None
        title = data["title"] or first_sentence(data["note"])
        return NewRequest(
            product=self.products[data["product"]],
            title=title,
            description=data["note"],
            kind=kind,
            area=self.areas.get(data["area"] or 0),
            impact=data["impact"] or Impact.HINDERED,
            tried=data["tried"],
            confidential=data["confidential"],
            channel=data["channel"],
        )

    def question(self) -> NewRequest:
        """The new request of a call that was answered at once: the note is the answer, the sentence what was asked."""
        request = self.request()
        asked = str(_("Asked on the phone: %(title)s")) % {"title": request.title}
        words = asked if self.cleaned_data["title"] else str(_("Asked and answered on the phone."))
        return replace(request, description=words)


class StrangerForm(NoteForm):
    """The call of somebody nobody knows; kept, found again, and assigned later."""

    name = forms.CharField(label=_("Name"), required=False, max_length=120)
    company = forms.CharField(label=_("Company"), required=False, max_length=160)
    outcome = forms.ChoiceField(
        label=_("How the call ended"), choices=CallOutcome.choices, initial=CallOutcome.NEEDS_WORK
    )

    field_order = ("name", "company", "number", "note", "outcome", "direction", "started", "ended")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not any(data.get(name) for name in ("name", "company", "number")):
            self.add_error("name", _("Please write down a name, a company or a number."))
        return data


class ExtensionForm(forms.Form):
    """My extension; empty takes it away."""

    extension = forms.CharField(
        label=_("My extension"), required=False, max_length=40,
        help_text=_("As the telephone system names it in its events: 21, or the whole number."),
    )  # fmt: skip


def first_sentence(note: str) -> str:
    """The first sentence or line of a note, cut to a title."""
    line = next(iter(note.strip().splitlines()), "")
    for end in (". ", "? ", "! "):
        line = line.split(end)[0] + end.strip() if end in line else line
    return line[: text.LINE].strip()


def second_now(now: datetime) -> str:
    """Now as the browser's picker wants it, to the second."""
    return timezone.localtime(now).strftime(_FORMAT)


def covered_items(terms_id: int | None, product_id: int | None) -> list[CatalogueItem]:
    """The clauses under which a call can be answered at once: covered, without a cause that must be found first."""
    if terms_id is None:
        return []
    catalogue = reference.catalogue(terms_id)
    items = (
        catalogue.items_for(product_id, Outcome.COVERED)
        if product_id
        else [one for one in catalogue.items if one.outcome == Outcome.COVERED]
    )
    return [one for one in items if not one.needs_cause]
