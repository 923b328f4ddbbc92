"""CostOffer (Kostenhinweis): the price of chargeable work, before anybody works."""

from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from klarfall.billing.models.frozen import FrozenOnce
from klarfall.billing.status import OfferStatus
from klarfall.contracts.models.terms import INCREMENTS, WorkType
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.core.numbers import OFFER_NUMBERS, NextNumber
from klarfall.tickets.models import Assessment, Concern, Ticket

#: What was sent is never edited; these columns alone go on living.
_LIVING = ("status", "decided_at", "ended_at", "ended_fact", "used_minutes", "warned_at_80", "warned_at_100")


# What was never sent may still change, so it is looked at until then: INV-2, INV-12, and no offer on anything else
# than a chargeable assessment of the same concern.
_OFFER_IS_SOUND = """
    IF TG_OP = 'UPDATE' AND OLD.status <> 'draft' THEN RETURN NEW; END IF;
    IF NOT EXISTS (
        SELECT FROM tickets_concern c
          JOIN tickets_assessment a ON a.concern_id = c.id
          JOIN tickets_ticket t ON t.id = c.ticket_id
          JOIN contracts_ratecardline r ON r.terms_id = t.terms_id
         WHERE c.id = NEW.concern_id AND c.ticket_id = NEW.ticket_id
           AND a.id = NEW.assessment_id AND a.outcome = 'chargeable'
           AND r.work_type = NEW.work_type AND r.rate = NEW.rate AND r.currency = NEW.currency
    ) THEN
        RAISE EXCEPTION 'an offer takes a chargeable assessment and a rate of the terms of its ticket'
            USING ERRCODE = '23514';
    END IF;
    IF NEW.extends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM billing_customerdecision
         WHERE offer_id = NEW.extends_id AND concern_id = NEW.concern_id AND kind = 'accept'
    ) THEN
        RAISE EXCEPTION 'only an accepted offer of the concern is extended' USING ERRCODE = '23514';
    END IF;
    IF NEW.status <> 'draft' AND NEW.text_hash <> encode(sha256(convert_to(NEW.canonical_text, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the hash is not that of the text' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""

# Deferred: steps of one action may pass through what must not be true at its end (INV-8, INV-1, INV-6).
_OFFER_FITS = """
    IF NEW.status IN ('sent', 'accepted', 'exhausted') AND EXISTS (
        SELECT FROM billing_costoffer o
          JOIN tickets_concern c ON c.id = o.concern_id
          JOIN tickets_assessment a ON a.id = c.current_assessment_id
         WHERE o.id = NEW.id AND o.status IN ('sent', 'accepted', 'exhausted') AND a.outcome <> 'chargeable'
    ) THEN
        RAISE EXCEPTION 'an offer on a concern that costs nothing' USING ERRCODE = '23514';
    END IF;
    IF NEW.status IN ('accepted', 'exhausted', 'completed', 'stopped', 'declined', 'countered') AND NOT EXISTS (
        SELECT FROM billing_customerdecision WHERE offer_id = NEW.id AND kind = ANY (CASE NEW.status
            WHEN 'declined' THEN ARRAY['decline', 'other_form']
            WHEN 'countered' THEN ARRAY['counter']
            ELSE ARRAY['accept'] END)
    ) THEN
        RAISE EXCEPTION 'an offer decided by nobody' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
"""


class CostOffer(CustomerOwned):
    """An offer with rate, increment, estimate, cap and validity, bound to one assessment.

    Minutes are integers, money is net in `currency`. At least one of `cap_minutes` and `cap_net`
    is set (INV-2). `canonical_text` is what page and mail contain word for word.
    """

    number = models.BigIntegerField(unique=True, db_default=NextNumber(OFFER_NUMBERS))
    ticket = OwnedForeignKey(Ticket, related_name="offers")
    concern = OwnedForeignKey(Concern, related_name="offers")
    assessment = OwnedForeignKey(Assessment, related_name="offers")
    extends = OwnedForeignKey("self", null=True, blank=True, related_name="extensions")
    work_type = models.CharField(max_length=12, choices=WorkType.choices)
    rate = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    vat_percent = models.DecimalField(max_digits=4, decimal_places=2)
    increment = models.PositiveSmallIntegerField()
    minimum = models.PositiveSmallIntegerField()
    estimate_min = models.PositiveIntegerField()
    estimate_max = models.PositiveIntegerField()
    cap_minutes = models.PositiveIntegerField(null=True, blank=True)
    cap_net = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    #: Lower caps the customer may accept instead: [{"minutes": 60} | {"net": "148.00"}, …].
    lower_caps = models.JSONField(default=list, blank=True)
    scope = models.TextField()
    exclusions = models.TextField(blank=True)
    valid_until = models.DateField(help_text="end of that day in the vendor's zone")
    language = models.CharField(max_length=2, default="de")
    canonical_text = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    status = models.CharField(max_length=10, choices=OfferStatus.choices, default=OfferStatus.DRAFT)
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_fact = models.PositiveIntegerField(null=True, blank=True)
    #: Billable minutes of finished entries, kept by billing/consumption.py for the lists.
    used_minutes = models.PositiveIntegerField(default=0)
    warned_at_80 = models.DateTimeField(null=True, blank=True)
    warned_at_100 = models.DateTimeField(null=True, blank=True)

    contacts_see = ~Q(status="draft")
    contacts_see_sql = "status <> 'draft'"

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="offer_of_customer"),
            models.CheckConstraint(
                condition=Q(cap_minutes__isnull=False) | Q(cap_net__isnull=False),
                name="offer_has_cap",
            ),
            models.CheckConstraint(
                condition=(Q(cap_minutes__isnull=True) | Q(cap_minutes__gt=0))
                & (Q(cap_net__isnull=True) | Q(cap_net__gt=0)),
                name="offer_cap_positive",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="offer_rate_positive"),
            models.CheckConstraint(condition=Q(increment__in=INCREMENTS), name="offer_increment_known"),
            models.CheckConstraint(condition=Q(estimate_max__gte=F("estimate_min")), name="offer_estimate_in_order"),
            models.CheckConstraint(
                condition=Q(status="draft") | (~Q(canonical_text="") & ~Q(text_hash="") & Q(sent_at__isnull=False)),
                name="sent_offer_has_text",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket"], name="offer_of_ticket"),
            models.Index(fields=["concern"], name="offer_of_concern"),
            models.Index(fields=["customer", "status"], name="offer_by_status"),
            models.Index(fields=["valid_until"], name="offer_to_expire", condition=Q(status="sent")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="sent_offer_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.status <> 'draft'"),
            ),
            FrozenOnce(
                name="sent_offer_stays",
                exclude=list(_LIVING),
                when_old=~pgtrigger.Q(old__status="draft"),
            ),
            pgtrigger.Trigger(
                name="offer_is_sound",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=_OFFER_IS_SOUND,
            ),
            pgtrigger.Trigger(
                name="offer_fits",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=_OFFER_FITS,
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.number}"

    def is_late(self, today: date) -> bool:
        """Is the end of validity over (it counts to the end of its day)?"""
        return today > self.valid_until
