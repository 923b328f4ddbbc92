"""CustomerDecision, its refused attempts, stops, and the ways to prove who decides."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.billing.engine import Caps
from klarfall.billing.models.offer import CostOffer
from klarfall.billing.models.unbilled import RemembersUnbilled
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models import Concern, SealedText, Ticket

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete
#: Minutes after typing the code of a personal link within which the person can decide.
PROOF_MINUTES = 60


class DecisionKind(models.TextChoices):
    """The customer's possible answers."""

    ACCEPT = "accept", _("Commission")
    DECLINE = "decline", _("Do not commission")
    COUNTER = "counter", _("Propose something else")
    OTHER_FORM = "other_form", _("In another form")


class DecisionChannel(models.TextChoices):
    """The way by which a decision is effective."""

    PORTAL = "portal", _("Portal")
    PERSONAL_LINK = "personal_link", _("Personal link")
    PHONE_CODE = "phone_code", _("Code on the phone")


class AlternativeForm(models.TextChoices):
    """Other forms in which a concern can go on (R48)."""

    ARTICLE = "article", _("Help article")
    TRAINING = "training", _("Training")
    CONSULTANT = "consultant", _("Consultant")


#: Whoever acts according to `viewing_as`; triggers compare it with people.
_ACTOR = "current_setting('klarfall.actor', true)"

# In the order of what would be worst: somebody else decides, about another text, too late, without the proof.
_DECISION_IS_TRUE = f"""
    SELECT * INTO offer FROM billing_costoffer WHERE id = NEW.offer_id;
    SELECT c.user_id INTO decider FROM customers_contact c JOIN accounts_user u ON u.id = c.user_id
     WHERE c.id = NEW.contact_id AND c.customer_id = NEW.customer_id AND c.is_active AND u.is_active
       AND u.kind = 'contact';
    IF decider IS NULL OR offer.concern_id <> NEW.concern_id OR offer.ticket_id <> NEW.ticket_id THEN
        RAISE EXCEPTION 'only a contact of the customer decides' USING ERRCODE = '23514';
    END IF;
    IF offer.status <> 'sent' OR offer.text_hash <> NEW.text_hash THEN
        RAISE EXCEPTION 'decision about another offer than the one sent' USING ERRCODE = '23514';
    END IF;
    IF NEW.channel = 'portal' OR NEW.channel = 'personal_link' THEN
        IF {_ACTOR} IS DISTINCT FROM decider::text THEN
            RAISE EXCEPTION 'nobody decides for somebody else' USING ERRCODE = '23514';
        END IF;
    ELSIF NEW.channel <> 'phone_code' THEN
        RAISE EXCEPTION 'no way to decide' USING ERRCODE = '23514';
    END IF;
    IF NEW.channel <> 'portal' AND NOT EXISTS (
        SELECT FROM billing_decisioncode
         WHERE id = NEW.code_id AND offer_id = NEW.offer_id AND contact_id = NEW.contact_id
           AND ((NEW.channel = 'phone_code' AND purpose = 'phone' AND used_at = NEW.at)
             OR (NEW.channel = 'personal_link' AND purpose = 'link' AND used_at <= NEW.at
                 AND used_at > NEW.at - interval '{PROOF_MINUTES} minutes'))
    ) THEN
        RAISE EXCEPTION 'this decision needs the code of that person' USING ERRCODE = '23514';
    END IF;
    IF NEW.kind = 'accept' THEN
        zone := coalesce((SELECT time_zone FROM core_vendorprofile WHERE id = 1), 'Europe/Berlin');
        IF (NEW.at AT TIME ZONE zone)::date > offer.valid_until THEN
            RAISE EXCEPTION 'the acceptance is late' USING ERRCODE = '23514';
        END IF;
        IF NOT EXISTS (SELECT FROM customers_contact WHERE id = NEW.contact_id
                        AND roles && ARRAY['requester', 'cost_release']::varchar[]) THEN
            RAISE EXCEPTION 'the acceptance is without authority' USING ERRCODE = '23514';
        END IF;
        IF EXISTS (SELECT FROM customers_customer WHERE id = NEW.customer_id AND release_policy = 'named')
           AND NOT EXISTS (
            SELECT FROM customers_contact c WHERE c.id = NEW.contact_id AND 'cost_release' = ANY (c.roles)
               AND (c.release_from IS NULL OR c.release_from <= (NEW.at AT TIME ZONE zone)::date)
               AND (c.release_to IS NULL OR c.release_to >= (NEW.at AT TIME ZONE zone)::date)
               AND c.release_limit >= least(
                   coalesce(NEW.chosen_cap_net, offer.cap_net),
                   round(coalesce(NEW.chosen_cap_minutes, offer.cap_minutes) * offer.rate / 60, 2))
        ) THEN
            RAISE EXCEPTION 'the acceptance is by nobody named for it' USING ERRCODE = '23514';
        END IF;
        IF EXISTS (
            SELECT FROM billing_customerdecision d JOIN billing_costoffer o ON o.id = d.offer_id
             WHERE d.concern_id = NEW.concern_id AND d.kind = 'accept'
               AND (o.increment, o.minimum) IS DISTINCT FROM (offer.increment, offer.minimum)
        ) THEN
            RAISE EXCEPTION 'one increment and minimum per concern' USING ERRCODE = '23514';
        END IF;
    END IF;
    RETURN NEW;
"""  # noqa: S608

# A deferred look at both sides: no decision without its effect on the offer.
_DECISION_HAS_EFFECT = """
    IF EXISTS (
        SELECT FROM billing_costoffer WHERE id = NEW.offer_id
           AND status <> ALL (CASE NEW.kind
               WHEN 'accept' THEN ARRAY['accepted', 'exhausted', 'completed', 'stopped', 'withdrawn']
               WHEN 'counter' THEN ARRAY['countered']
               ELSE ARRAY['declined'] END)
    ) THEN
        RAISE EXCEPTION 'a decision without effect on its offer' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
"""

# Codes and links come from the person or from the system that mails them, never from staff (INV-6).
_NOT_MADE_BY_STAFF = f"""
    IF NOT EXISTS (
        SELECT FROM accounts_user u WHERE u.id::text = {_ACTOR} AND (u.kind = 'system' OR (u.kind = 'contact'
           AND u.id = (SELECT user_id FROM customers_contact WHERE id = NEW.contact_id)))
    ) THEN
        RAISE EXCEPTION 'nobody makes the proof of somebody else' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""  # noqa: S608


class CustomerDecision(CustomerOwned):
    """One effective decision of a customer about one offer; append-only, with its evidence.

    Role and limit are those held at that time. `sealed.text` is the comment, `sealed.data` the
    name shown, the order number and the technical evidence (address, browser).
    """

    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="decisions")
    offer = OwnedForeignKey(CostOffer, related_name="decisions")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    kind = models.CharField(max_length=10, choices=DecisionKind.choices)
    fact = models.PositiveIntegerField()
    at = models.DateTimeField()
    channel = models.CharField(max_length=14, choices=DecisionChannel.choices)
    code = OwnedForeignKey("billing.DecisionCode", null=True, blank=True, related_name="+")
    chosen_cap_minutes = models.PositiveIntegerField(null=True, blank=True)
    chosen_cap_net = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    alternative = models.CharField(max_length=12, choices=AlternativeForm.choices, blank=True)
    #: The help article was taken along with a training or a consultant.
    with_article = models.BooleanField(default=False)
    role_then = models.CharField(max_length=40, blank=True)
    limit_then = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    text_hash = models.CharField(max_length=64)
    sealed = OwnedForeignKey(SealedText, related_name="+")

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="decision_of_customer"),
            models.UniqueConstraint(fields=["offer"], name="one_effective_decision_per_offer"),
            models.CheckConstraint(
                condition=~Q(kind="other_form") | ~Q(alternative=""),
                name="other_form_names_the_form",
            ),
            models.CheckConstraint(
                condition=Q(channel="portal") | Q(code__isnull=False),
                name="decision_without_sign_in_has_code",
            ),
            models.CheckConstraint(
                condition=Q(chosen_cap_minutes__isnull=True) | Q(chosen_cap_net__isnull=True),
                name="one_chosen_cap",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket"], name="decision_of_ticket"),
            models.Index(fields=["concern"], name="decision_of_concern"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="decision_is_append_only", operation=_APPEND_ONLY),
            pgtrigger.Trigger(
                name="decision_is_true",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("offer", "billing_costoffer%ROWTYPE"), ("decider", "bigint"), ("zone", "text")],
                func=_DECISION_IS_TRUE,
            ),
            pgtrigger.Trigger(
                name="decision_has_effect",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=_DECISION_HAS_EFFECT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def chosen(self) -> Caps | None:
        """The lower cap that was chosen; None: the offer as it stands."""
        if self.chosen_cap_minutes is None and self.chosen_cap_net is None:
            return None
        return Caps(minutes=self.chosen_cap_minutes, net=self.chosen_cap_net)


class DecisionAttempt(CustomerOwned):
    """A refused decision with its reason; survives the rollback of what was refused (INV-5)."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    offer = OwnedForeignKey(CostOffer, related_name="attempts")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=DecisionKind.choices)
    reason = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [models.Index(fields=["customer", "offer"], name="attempt_at_offer")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="attempt_is_append_only", operation=_APPEND_ONLY),
        ]

    def __str__(self) -> str:
        return f"{self.kind} refused: {self.reason}"


class Stop(CustomerOwned):
    """The customer stops the work on one concern at once; no later minute is billable (INV-16)."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="stops")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    at = models.DateTimeField()
    fact = models.PositiveIntegerField()

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [
            models.Index(fields=["customer", "concern"], name="stop_of_concern"),
            models.Index(fields=["ticket"], name="stop_of_ticket"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="stop_is_append_only", operation=_APPEND_ONLY),
            RemembersUnbilled(name="stop_changes_the_bill", operation=pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"stop {self.pk}"


class PersonalLink(CustomerOwned):
    """The personal link to one offer for one contact; only the hash of its token is stored."""

    offer = OwnedForeignKey(CostOffer, related_name="links")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [models.Index(fields=["customer", "offer"], name="link_to_offer")]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="link_not_made_by_staff",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_NOT_MADE_BY_STAFF,
            ),
            pgtrigger.ReadOnly(name="link_stays", exclude=["used_at"]),
        ]

    def __str__(self) -> str:
        return f"personal link {self.pk}"


class CodePurpose(models.TextChoices):
    """What a six-digit code proves."""

    LINK = "link", _("Opens the personal link")
    PHONE = "phone", _("Decision on the phone")


class DecisionCode(CustomerOwned):
    """A six-digit one-time code for one person and one offer; only its hash is stored."""

    offer = OwnedForeignKey(CostOffer, related_name="codes")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    purpose = models.CharField(max_length=6, choices=CodePurpose.choices)
    salt = models.CharField(max_length=32)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="code_of_customer"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "offer", "contact"], name="code_for_offer"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="code_not_made_by_staff",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_NOT_MADE_BY_STAFF,
            ),
            pgtrigger.ReadOnly(name="code_stays", exclude=["attempts", "used_at"]),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"
