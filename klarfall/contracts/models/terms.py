"""TermsVersion: catalogue, rate card and billing rules, immutable once published."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.product import Product


class Outcome(models.TextChoices):
    """The three possible answers to "is this covered?"."""

    COVERED = "covered", _("Covered by the contract")
    CHARGEABLE = "chargeable", _("Chargeable")
    NOT_OFFERED = "not_offered", _("Not part of product support")


class WorkType(models.TextChoices):
    """Kinds of chargeable work, each with its own hourly rate."""

    SUPPORT = "support", _("Support")
    SENIOR = "senior", _("Senior support")
    TRAIN = "train", _("Training")
    INSTALL = "install", _("Installation")


INCREMENTS = (1, 5, 6, 10, 15)  # minutes; domain.md, section 9

_PUBLISHED = pgtrigger.Condition("OLD.published_at IS NOT NULL")


def _frozen_with_terms(name: str) -> pgtrigger.Trigger:
    """Refuse a change of rows whose terms version is published, and taking one out of it or into it."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func="""
            IF (TG_OP <> 'INSERT' AND EXISTS (
                    SELECT FROM contracts_termsversion WHERE id = OLD.terms_id AND published_at IS NOT NULL))
                OR (TG_OP <> 'DELETE' AND EXISTS (
                    SELECT FROM contracts_termsversion WHERE id = NEW.terms_id AND published_at IS NOT NULL))
            THEN
                RAISE EXCEPTION 'published terms are immutable' USING ERRCODE = '23514';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


class TermsVersion(models.Model):
    """Version n of the service catalogue; tickets are bound to the one in force (INV-11)."""

    number = models.PositiveIntegerField(unique=True)
    valid_from = models.DateField()
    published_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-valid_from", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["published_at"],
                condition=Q(published_at__isnull=True),
                nulls_distinct=False,
                name="one_draft_of_terms",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="published_terms_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=_PUBLISHED,
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class CatalogueItem(models.Model):
    """One service of the catalogue with its clause, outcome and words (R25-R35)."""

    terms = models.ForeignKey(TermsVersion, models.CASCADE, related_name="items")
    code = models.CharField(max_length=40)
    clause = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    title = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160, blank=True)
    text = models.TextField(help_text=_("The clause word for word."))
    text_en = models.TextField(blank=True)
    examples = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    examples_en = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    #: The reason a specialist starts from; they adapt it to the case.
    reason_template = models.TextField(blank=True)
    reason_template_en = models.TextField(blank=True)
    #: What would change this outcome, shown on the card (*Ändert sich, wenn*).
    changes_if = models.CharField(max_length=240, blank=True)
    changes_if_en = models.CharField(max_length=240, blank=True)
    needs_cause = models.BooleanField(default=False)
    asks_training = models.BooleanField(default=False)
    work_type = models.CharField(max_length=12, choices=WorkType.choices, blank=True)
    #: Other forms offered instead: article, training, consultant.
    alternatives = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    default_scope = models.TextField(blank=True)
    default_scope_en = models.TextField(blank=True)
    default_exclusions = models.TextField(blank=True)
    default_exclusions_en = models.TextField(blank=True)
    estimate_min = models.PositiveIntegerField(null=True, blank=True, help_text=_("minutes"))
    estimate_max = models.PositiveIntegerField(null=True, blank=True, help_text=_("minutes"))
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "clause"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terms", "code"], name="item_code_once_per_terms"),
            models.UniqueConstraint(fields=["terms", "clause"], name="clause_once_per_terms"),
            models.CheckConstraint(
                condition=~Q(outcome="chargeable") | ~Q(work_type=""),
                name="chargeable_item_has_work_type",
            ),
        ]
        triggers: ClassVar = [_frozen_with_terms("published_items_stay")]

    def __str__(self) -> str:
        return f"{self.clause} {self.title}"

    def said(self, name: str, language: str | None = None) -> str:
        """A text of the item (`title`, `changes_if` …) in a language, the active one by default; else in German."""
        german: str = getattr(self, name)
        if (language or get_language() or "de").startswith("en"):
            return getattr(self, f"{name}_en") or german
        return german

    def said_examples(self, language: str | None = None) -> list[str]:
        """The examples in a language, the active one by default; else in German."""
        english = (language or get_language() or "de").startswith("en")
        return (self.examples_en if english else []) or self.examples

    @property
    def is_legal(self) -> bool:
        """Legal or tax advice: a fixed text and never an offer (R55)."""
        return self.code == "NOT-LEGAL"


class RateCardLine(models.Model):
    """The hourly rate (net) of one work type with increment and minimum in minutes."""

    terms = models.ForeignKey(TermsVersion, models.CASCADE, related_name="rates")
    work_type = models.CharField(max_length=12, choices=WorkType.choices)
    rate = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    increment = models.PositiveSmallIntegerField(default=15)
    minimum = models.PositiveSmallIntegerField(default=15)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terms", "work_type"], name="one_rate_per_work_type"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_positive"),
            models.CheckConstraint(condition=Q(increment__in=INCREMENTS), name="increment_known"),
        ]
        triggers: ClassVar = [_frozen_with_terms("published_rates_stay")]

    def __str__(self) -> str:
        return f"{self.work_type}: {self.rate} {self.currency}"


class RequestKind(models.Model):
    """A tile of the new request, with the usual outcome of such concerns.

    The specialist's proposal comes from the chosen tile only, and says so.
    """

    code = models.SlugField(max_length=24, unique=True)
    icon = models.CharField(max_length=24)
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=60)
    hint = models.CharField(max_length=120)
    hint_en = models.CharField(max_length=120)
    usual_item = models.CharField(max_length=40, blank=True, help_text=_("catalogue code"))
    usual_outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    #: Choosing it goes to the consultants without an assessment (R54).
    to_consulting = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order"]

    def __str__(self) -> str:
        return self.title
