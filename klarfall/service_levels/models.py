"""ServiceCalendar: when the vendor works, and how soon a first answer is promised."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Impact(models.TextChoices):
    """How much a request hinders the customer's work (R3, R14)."""

    BLOCKED = "blocked", _("We cannot work")
    HINDERED = "hindered", _("Only by a detour")
    MINOR = "minor", _("Hardly")


class ServiceCalendar(models.Model):
    """Named service hours of one location; the hours themselves are valid from a day on."""

    name = models.CharField(max_length=80, unique=True)
    zone = models.CharField(max_length=60, default="Europe/Berlin")
    #: Bundesland whose public holidays count (ISO 3166-2 without DE-), empty = none.
    state = models.CharField(max_length=2, blank=True)
    #: Holidays that only some communities of the state keep (Mariä Himmelfahrt in BY).
    catholic = models.BooleanField(default=False)
    #: How many people are called back in one half hour.
    callback_places = models.PositiveSmallIntegerField(default=3)
    sample = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class ServiceInterval(models.Model):
    """One interval of one weekday; several a day leave room for a lunch break."""

    calendar = models.ForeignKey(ServiceCalendar, models.CASCADE, related_name="intervals")
    valid_from = models.DateField(default=date(2000, 1, 1))
    weekday = models.PositiveSmallIntegerField(help_text=_("0 = Monday"))
    starts = models.TimeField()
    #: 00:00 means the end of the day.
    ends = models.TimeField()

    class Meta:
        ordering: ClassVar = ["valid_from", "weekday", "starts"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_of_week"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")) | Q(ends="00:00"), name="interval_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class OwnDay(models.Model):
    """A day with its own hours; without hours it is closed (24 December, company outing)."""

    calendar = models.ForeignKey(ServiceCalendar, models.CASCADE, related_name="own_days")
    day = models.DateField()
    name = models.CharField(max_length=80)
    #: Pairs of "HH:MM", e.g. [["08:00", "12:00"]]; an empty list means closed.
    intervals = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["calendar", "day"], name="one_own_day_per_date"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class ResponseTarget(models.Model):
    """Service minutes until the first answer, by impact."""

    calendar = models.ForeignKey(ServiceCalendar, models.CASCADE, related_name="targets")
    impact = models.CharField(max_length=10, choices=Impact.choices)
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["calendar", "impact"], name="one_target_per_impact"),
        ]

    def __str__(self) -> Any:
        return f"{self.impact}: {self.minutes} min"
