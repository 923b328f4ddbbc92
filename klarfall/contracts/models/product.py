"""Product with its areas, versions, partner products and contact channels."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.service_levels.models import ServiceCalendar


class ProductKind(models.TextChoices):
    """What a product is to the vendor."""

    ERP = "erp", _("ERP system")
    PARTNER = "partner", _("Partner product")
    MODULE = "module", _("Module")


class MediaKind(models.TextChoices):
    """Help media that a product may have (R22)."""

    MANUAL = "manual", _("Manual")
    QUICK_START = "quick_start", _("Quick start")
    VIDEO = "video", _("Video")


class Product(models.Model):
    """Something the vendor maintains, or a partner product connected to it (R30)."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=ProductKind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="modules")
    linked = models.ManyToManyField("self", blank=True, symmetrical=False, related_name="links")
    #: May support visit on site? Default no (R53).
    onsite_by_support = models.BooleanField(default=False)
    media = ArrayField(models.CharField(max_length=12, choices=MediaKind.choices), default=list, blank=True)
    #: Its usual service hours, shown to everybody; a contract line may agree on others. Empty = the first calendar.
    calendar = models.ForeignKey(ServiceCalendar, models.PROTECT, null=True, blank=True, related_name="+")
    #: The sender of mails about its requests; empty = the house's.
    mail_from = models.EmailField(blank=True)
    #: Lines under our mails about its requests; empty = none.
    mail_signature = models.TextField(blank=True)
    #: Where a remote session begins: an address of any scheme, `{code}` stands for the session's code; empty = none.
    remote_link = models.CharField(max_length=300, blank=True)
    #: Where wishes for its consultants go; empty = the house's address for them.
    consulting_email = models.EmailField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A part of a product by which help and requests are sorted (R20)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="areas")
    name = models.CharField(max_length=80)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "name"], name="area_once_per_product"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductVersion(models.Model):
    """A released version and the days between which it is supported."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="versions")
    name = models.CharField(max_length=40)
    released_on = models.DateField()
    supported_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-released_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "name"], name="version_once_per_product"),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelKind(models.TextChoices):
    """Ways to reach support; on site is not among them (R50)."""

    PORTAL = "portal", _("Portal")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    REMOTE = "remote", _("Remote session")


class ContactChannel(models.Model):
    """A defined way of contact of one product, the portal first (R5, R11, R58)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=8, choices=ChannelKind.choices)
    value = models.CharField(max_length=200, blank=True)
    toll_free = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "kind", "value"], name="channel_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"
