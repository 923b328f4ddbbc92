"""TimeEntry (Zeiteintrag): who worked when on which concern."""

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from klarfall.billing.models.frozen import FrozenOnce
from klarfall.billing.models.unbilled import OutdatesPreview, RemembersUnbilled, WaitsForFreezing
from klarfall.billing.status import EntryStatus
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models import Concern, RemoteSession, Ticket

#: After so long an entry is late: it needs a reason and is marked (INV-22).
LATE = timedelta(hours=24)


class Purpose(models.TextChoices):
    """Why time was spent; triage never costs anything (INV-9)."""

    TRIAGE = "triage", _("Review, free of charge")
    WORK = "work", _("Work")


class WorkChannel(models.TextChoices):
    """Ways in which support works; there is no visit on site (R50)."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    REMOTE = "remote", _("Remote session")
    INTERNAL = "internal", _("Internal")


class Source(models.TextChoices):
    """How the entry came about."""

    TIMER = "timer", _("Timer")
    MANUAL = "manual", _("Entered by hand")


class _Span(Func):
    """The half-open range between two instants; open-ended while the timer runs."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class _AgentRange(Func):
    """An agent as a one-element range: exclusion without the btree_gist extension."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"


class TimeEntry(CustomerOwned):
    """Minutes of one agent on one concern: start snapped up, end snapped down (section 6, rule 1).

    The raw instants stand beside the snapped ones. Entries of one agent never overlap (INV-22).
    `replaced` is no column: the timer that starting this one has stopped, as `start_timer` tells it.
    """

    ticket = OwnedForeignKey(Ticket, related_name="time_entries")
    concern = OwnedForeignKey(Concern, related_name="time_entries")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    channel = models.CharField(max_length=8, choices=WorkChannel.choices)
    raw_start = models.DateTimeField()
    raw_end = models.DateTimeField(null=True, blank=True)
    start = models.DateTimeField(help_text="raw_start snapped up to the minute")
    end = models.DateTimeField(null=True, blank=True, help_text="raw_end snapped down")
    activity = models.CharField(max_length=240, blank=True)
    source = models.CharField(max_length=6, choices=Source.choices)
    status = models.CharField(max_length=8, choices=EntryStatus.choices, default=EntryStatus.RECORDED)
    remote_session = OwnedForeignKey(RemoteSession, null=True, blank=True, related_name="+")
    late_reason = models.CharField(max_length=240, blank=True)
    is_late = models.BooleanField(default=False)
    #: When start or end was written, by the server's clock.
    recorded_at = models.DateTimeField()

    replaced: "TimeEntry | None" = None

    contacts_see = Q(purpose="work")
    contacts_see_sql = "purpose = 'work'"

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["start", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="time_entry_of_customer"),
            models.UniqueConstraint(fields=["agent"], condition=Q(raw_end__isnull=True), name="one_timer_per_agent"),
            models.CheckConstraint(
                condition=Q(raw_end__isnull=True) | Q(raw_end__gte=F("raw_start")),
                name="entry_raw_in_order",
            ),
            models.CheckConstraint(condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="entry_in_order"),
            models.CheckConstraint(
                condition=Q(raw_end__isnull=True) | Q(raw_end__lte=F("recorded_at")),
                name="entry_not_in_future",
            ),
            models.CheckConstraint(
                condition=Q(status="running", raw_end__isnull=True, end__isnull=True)
                | (~Q(status="running") & Q(raw_end__isnull=False, end__isnull=False)),
                name="only_running_entry_is_open",
            ),
            models.CheckConstraint(
                condition=~Q(channel="remote") | Q(remote_session__isnull=False),
                name="remote_time_has_consent",
            ),
            models.CheckConstraint(condition=Q(is_late=False) | ~Q(late_reason=""), name="late_entry_has_reason"),
            models.CheckConstraint(
                condition=Q(is_late=True) | Q(raw_end__isnull=True) | Q(recorded_at__lte=F("raw_end") + LATE),
                name="late_entry_is_marked",
            ),
            ExclusionConstraint(
                name="no_overlap_of_one_agent",
                expressions=[
                    (_AgentRange(F("agent"), F("agent")), RangeOperators.EQUAL),
                    (_Span(F("raw_start"), F("raw_end"), Value("[)")), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket"], name="time_entry_of_ticket"),
            models.Index(fields=["concern", "start"], name="time_entry_of_concern"),
        ]
        triggers: ClassVar = [
            RemembersUnbilled(
                name="entry_is_unbilled",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("raw_start", "raw_end", "purpose"),
                condition=pgtrigger.Condition("NEW.raw_end IS NOT NULL AND NEW.purpose = 'work'"),
                since="NEW.start",
            ),
            pgtrigger.Protect(
                name="entry_concern_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("((OLD.concern_id, OLD.agent_id) <> (NEW.concern_id, NEW.agent_id))"),
            ),
            pgtrigger.Protect(
                name="recording_is_not_earlier",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.recorded_at < OLD.recorded_at"),
            ),
            OutdatesPreview(name="deleted_entry_outdates", operation=pgtrigger.Delete, row="OLD"),
            OutdatesPreview(
                name="review_entry_outdates",
                operation=pgtrigger.UpdateOf("purpose"),
                condition=pgtrigger.Condition("OLD.purpose = 'work' AND NEW.purpose <> 'work'"),
            ),
            WaitsForFreezing(
                name="entry_waits_for_freezing",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            ),
            FrozenOnce(
                name="locked_entry_stays",
                exclude=["status"],
                when_old=pgtrigger.Q(old__status__in=["locked", "exported"]),
            ),
            pgtrigger.Protect(
                name="locked_entry_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.status IN ('locked', 'exported')"),
            ),
            pgtrigger.Protect(
                name="review_stays_review",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.purpose = 'triage' AND NEW.purpose <> 'triage'"),
            ),
            pgtrigger.Trigger(
                name="entry_by_staff",
                # Not for a mere change of status: a run moves hundreds of thousands.
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf(
                    "customer_id", "agent_id", "ticket_id", "concern_id", "remote_session_id", "raw_start", "raw_end"
                ),
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (SELECT FROM accounts_user
                                    WHERE id = NEW.agent_id AND kind = 'staff') THEN
                        RAISE EXCEPTION 'time of somebody else than staff' USING ERRCODE = '23514';
                    END IF;
                    IF NOT EXISTS (SELECT FROM tickets_concern
                                    WHERE id = NEW.concern_id AND ticket_id = NEW.ticket_id) THEN
                        RAISE EXCEPTION 'time on a concern of another ticket' USING ERRCODE = '23514';
                    END IF;
                    IF NEW.remote_session_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM tickets_remotesession WHERE id = NEW.remote_session_id
                           AND ticket_id = NEW.ticket_id AND consent_at <= NEW.raw_start
                           AND (TG_OP = 'UPDATE' OR status IN ('agreed', 'running', 'ended'))
                           AND (ended_at IS NULL OR coalesce(NEW.raw_end, 'infinity') <= ended_at)) THEN
                        RAISE EXCEPTION 'remote time without its consent' USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"time entry {self.pk}"

    @property
    def minutes(self) -> int:
        """Whole minutes recorded; 0 while the timer runs, and for less than a clock minute."""
        return 0 if self.end is None else (self.end - self.start) // timedelta(minutes=1)
