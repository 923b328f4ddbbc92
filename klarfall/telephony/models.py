"""Call: what was said on the phone; CallbackWish: a wish to be called; what the telephone system tells us."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.customers.models import Contact, Customer
from klarfall.service_levels.models import ServiceCalendar
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets.models import Ticket


class Direction(models.TextChoices):
    """Who called."""

    INCOMING = "incoming", _("They called")
    OUTGOING = "outgoing", _("We called")


class CallOutcome(models.TextChoices):
    """How a call ended."""

    ANSWERED = "answered", _("Answered")
    NEEDS_WORK = "needs_work", _("Needs work")
    CALLBACK = "callback", _("Callback promised")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    NOBODY = "nobody", _("Nobody reached")


class Extension(models.Model):
    """The number at which the telephone system reaches a member of staff."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="extension")
    number = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return f"extension of {self.user_id}"


class CallbackWish(CustomerOwned):
    """A wish to be called back about a request: at a slot within service hours, or as soon as possible.

    A slot takes as many wishes as it has places; `place` counts them, so that the database refuses one too many.
    """

    ticket = OwnedForeignKey(Ticket, related_name="+")
    contact = OwnedForeignKey(Contact, related_name="+")
    calendar = models.ForeignKey(ServiceCalendar, models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    number_e164 = models.CharField(max_length=16, blank=True)
    about = models.CharField(max_length=400, blank=True)
    #: Both empty: as soon as possible.
    slot_start = models.DateTimeField(null=True, blank=True)
    slot_end = models.DateTimeField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(null=True, blank=True)
    #: From when on it waits: the beginning of the slot, else when the wish came in.
    due_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=CallbackStatus.choices, default=CallbackStatus.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    portal_sight = "ticket"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="callback_of_customer"),
            models.UniqueConstraint(
                fields=["ticket"], name="one_open_callback_per_request", condition=Q(status=CallbackStatus.OPEN)
            ),
            models.UniqueConstraint(
                fields=["calendar", "slot_start", "place"],
                name="one_callback_per_place",
                condition=Q(status=CallbackStatus.OPEN),
            ),
            models.CheckConstraint(
                condition=Q(slot_start__isnull=True, slot_end__isnull=True, place__isnull=True)
                | Q(slot_start__lt=F("slot_end"), place__isnull=False),
                name="callback_slot_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], name="callback_queue", condition=Q(status=CallbackStatus.OPEN)),
            models.Index(fields=["ticket"], name="callback_of_ticket"),
        ]

    def __str__(self) -> str:
        return f"callback {self.pk}"

    @property
    def is_open(self) -> bool:
        """Does somebody still wait for the call?"""
        return self.status == CallbackStatus.OPEN


class LiveCall(models.Model):
    """A call as the telephone system reports it; shown to the one whose telephone rings."""

    call_id = models.CharField(max_length=120, unique=True)
    number = models.CharField(max_length=40, blank=True)
    number_e164 = models.CharField(max_length=16, blank=True)
    dialled = models.CharField(max_length=40, blank=True)
    #: Whose telephone rings; empty = everybody's.
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["changed_at"], name="live_call_by_change")]

    def __str__(self) -> str:
        return f"live call {self.pk}"


class Call(models.Model):
    """A call as somebody has recorded it, also of people nobody knows. Only staff reads it."""

    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.INCOMING)
    number = models.CharField(max_length=40, blank=True)
    number_e164 = models.CharField(max_length=16, blank=True)
    #: Who called, where no contact is known.
    name = models.CharField(max_length=120, blank=True)
    company = models.CharField(max_length=160, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=CallOutcome.choices)
    note = models.TextField(blank=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="+")
    callback = models.ForeignKey(CallbackWish, models.PROTECT, null=True, blank=True, related_name="+")
    live = models.ForeignKey(LiveCall, models.SET_NULL, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(started_at__lte=F("ended_at")), name="call_ends_after_start"),
            models.CheckConstraint(
                condition=Q(contact__isnull=True) | Q(customer__isnull=False), name="call_of_contact_has_customer"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-started_at"], name="call_by_time"),
            models.Index(fields=["ticket"], name="call_of_ticket", condition=Q(ticket__isnull=False)),
            models.Index(fields=["contact"], name="call_of_contact", condition=Q(contact__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"

    @property
    def who(self) -> str:
        """The caller's name as it is known: the contact's, what was noted, else the number."""
        return (self.contact.user.name if self.contact else self.name) or self.number


class HookEvent(models.Model):
    """An event of the telephone system that was taken; its id refuses a replay."""

    event_id = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="hook_event_by_time")]

    def __str__(self) -> str:
        return f"event {self.pk}"
