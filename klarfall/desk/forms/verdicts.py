"""Assessing a concern: three forms, one per outcome, with the same questions about cause, training and basis."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from klarfall.billing.actions.assessments import Verdict
from klarfall.billing.pricing import OfferTerms
from klarfall.billing.story import Story
from klarfall.contracts.models import CatalogueItem, Outcome, WorkType
from klarfall.desk import customer_facts, reference
from klarfall.desk.durations import span_text
from klarfall.desk.forms.fields import CapField, EstimateField, FilesField, ItemField
from klarfall.tickets.models import Cause, Concern, ResolutionKind, Training
from klarfall.tickets.models.assessment import Trigger

_AGAIN = (Trigger.NEW_INFORMATION, Trigger.MIDWAY)


class VerdictForm(forms.Form):
    """Item, reason and basis of one outcome. The item's template stands in for a reason that is left empty."""

    outcome: ClassVar[str] = ""
    reason = forms.CharField(
        label=_("Reason, which the customer reads"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=Cause.choices, initial=Cause.NOT_RELEVANT)
    training = forms.ChoiceField(label=_("Was the person trained?"), choices=Training.choices)
    messages = forms.TypedMultipleChoiceField(
        label=_("Messages"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    basis_files = forms.TypedMultipleChoiceField(
        label=_("Files"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    by_call = forms.BooleanField(label=_("It also rests on a phone call"), required=False)
    call_note = forms.CharField(
        label=_("What was said on the phone (the customer can read it)"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2}),
    )
    trigger = forms.ChoiceField(label=_("Why anew"), required=False)

    def __init__(
        self, data: Any = None, files: Any = None, *, story: Story, concern: Concern, proposed: CatalogueItem | None
    ) -> None:
        super().__init__(data, files, prefix=self.outcome, auto_id=f"id_{concern.position}_%s")
        self.story, self.concern, self.proposed = story, concern, proposed
        items = reference.catalogue(story.ticket.terms_id).items_for(story.ticket.product_id, self.outcome)
        self.item_start = proposed if proposed in items else (items[0] if items else None)
        self.language = customer_facts.language_of(story.ticket)
        self.fields["item"] = ItemField(items, self.language, initial=self.item_start and self.item_start.pk)
        self._set_basis(story)
        self._set_starts()

    def _set_basis(self, story: Story) -> None:
        """All messages and files of the customer's side of the conversation, all ticked."""
        seen = [one for one in story.messages if not one.internal]
        messages = [(one.pk, f"{story.name(one.author_id)}: {one.text[:60]}") for one in seen]
        files = [(row.pk, row.name) for one in seen for row in one.file_rows]  # type: ignore[attr-defined]
        for name, choices in (("messages", messages), ("basis_files", files)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].initial = [pk for pk, _label in choices]
        triggers = [(one.value, one.label) for one in _AGAIN]
        self.fields["trigger"].choices = triggers  # type: ignore[attr-defined]

    def _set_starts(self) -> None:
        item = self.item_start
        self.fields["reason"].initial = item.said("reason_template", self.language) if item else ""
        self.fields["training"].initial = Training.YES if self.is_trained else Training.UNKNOWN
        if item is not None and item.needs_cause:
            self.fields["cause"].initial = Cause.UNKNOWN

    def basis(self) -> list[tuple[str, int, str, bool]]:
        """Messages and files with their field, number, words, and whether they are ticked."""
        found = []
        for name in ("messages", "basis_files"):
            chosen = {str(pk) for pk in self[name].value() or ()}
            choices: Any = self.fields[name].choices  # type: ignore[attr-defined]
            found += [(self.add_prefix(name), pk, label, str(pk) in chosen) for pk, label in choices]
        return found

    @property
    def is_trained(self) -> bool:
        """Is a training of the person for this product on file? Informative only (R16)."""
        ticket = self.story.ticket
        return any(
            one["contact"] == ticket.contact_id and one["product"] == ticket.product_id
            for one in getattr(ticket, "trainings", [])
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        item = data.get("item")
        if item is not None and not data.get("reason"):
            data["reason"] = item.said("reason_template", self.language)
        return data

    def verdict(self) -> Verdict:
        """What the actions take. Everything ticked is passed on by name: what nobody saw is no basis."""
        data = self.cleaned_data
        chosen = set(data["messages"])
        return Verdict(
            item=data["item"],
            reason=data["reason"],
            cause=data["cause"],
            training=data["training"],
            messages=[one for one in self.story.messages if one.pk in chosen],
            files=self._files(set(data["basis_files"])),
            trigger=(data["trigger"] or Trigger.NEW_INFORMATION)
            if self.concern.current_assessment
            else Trigger.INITIAL,
            by_call=data["by_call"],
            call_note=data["call_note"],
        )

    def _files(self, chosen: set[int]) -> list[Any]:
        from klarfall.tickets.models import Attachment

        return list(Attachment.objects.filter(ticket=self.story.ticket, pk__in=chosen)) if chosen else []


class CoveredForm(VerdictForm):
    """Covered; with an answer it is the one button that answers, assesses and solves."""

    outcome = Outcome.COVERED
    answer = forms.CharField(label=_("Answer"), required=False, max_length=20000, widget=forms.Textarea({"rows": 5}))
    resolution_kind = forms.ChoiceField(
        label=_("Kind of solution"),
        required=False,  # only the one button solves
        choices=[one for one in ResolutionKind.choices if one[0] != ResolutionKind.NO_WORK],
        initial=ResolutionKind.USE_CLARIFIED,
    )
    attachments = FilesField(label=_("Files"))


class CostForm(VerdictForm):
    """Chargeable, with the cost notice: estimate, scope and reason are typed, the rest are defaults."""

    outcome = Outcome.CHARGEABLE
    estimate = EstimateField(label=_("Estimate"), required=True, max_length=40)
    scope = forms.CharField(
        label=_("What we would do"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    cap = CapField(label=_("Cap"), required=False, max_length=40)
    exclusions = forms.CharField(
        label=_("What is not included"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    work_type = forms.ChoiceField(label=_("Kind of work"), required=False)

    def _set_starts(self) -> None:
        super()._set_starts()
        item = self.item_start
        rates = reference.catalogue(self.story.ticket.terms_id).rates
        named = [(kind, f"{WorkType(kind).label}") for kind in rates]
        self.fields["work_type"].choices = [("", _("as the service says")), *named]  # type: ignore[attr-defined]
        if item is not None:
            self.fields["scope"].initial = item.said("default_scope", self.language)
            self.fields["exclusions"].initial = item.said("default_exclusions", self.language)
            self.fields["estimate"].initial = span_text(item.estimate_min, item.estimate_max)

    def terms(self) -> OfferTerms:
        """The terms of the offer; what was left open is decided by item, rate card and vendor."""
        return terms_of(self.cleaned_data)


def terms_of(data: dict[str, Any], **more: Any) -> OfferTerms:
    """Offer terms from the cleaned fields of a form with estimate, scope, cap, exclusions, validity and work type."""
    least, most = data["estimate"]
    cap = data.get("cap")
    return OfferTerms(
        estimate_min=least,
        estimate_max=most,
        scope=data.get("scope", ""),
        exclusions=data.get("exclusions", ""),
        cap_minutes=cap.minutes if cap else None,
        cap_net=cap.net if cap else None,
        valid_until=data.get("valid_until"),
        work_type=data.get("work_type") or None,
        **more,
    )


class NotOfferedForm(VerdictForm):
    """Not part of support; a visit goes to the consultants with the wish."""

    outcome = Outcome.NOT_OFFERED
    wish = forms.CharField(
        label=_("Wish, for the consultants"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    preferred_dates = forms.CharField(label=_("Preferred dates"), required=False, max_length=200)

    @property
    def goes_to_consultants(self) -> bool:
        """Is the chosen item the visit on site?"""
        return bool(self.cleaned_data["item"].code == "NOT-ONSITE")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        item = data.get("item")
        if item is not None and item.code == "NOT-ONSITE" and not data.get("wish"):
            self.add_error("wish", _("Please say what the visit is wanted for; the consultants begin with it."))
        return data


FORMS = {form.outcome: form for form in (CoveredForm, CostForm, NotOfferedForm)}
