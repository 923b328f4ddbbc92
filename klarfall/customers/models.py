"""Customer and Contact: the company, and a person acting for it."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import ContactRole
from klarfall.core.isolation import CustomerOwned, CustomerOwnedManager, OwnedForeignKey, Viewer


class ReleasePolicy(models.TextChoices):
    """Who of the customer decides about costs."""

    EVERY_CONTACT = "every_contact", _("Every contact, for the requests they see")
    NAMED = "named", _("Named people with limits")


class RegistrationPolicy(models.TextChoices):
    """Who lets people in who register with customer number and work e-mail."""

    AUTOMATIC = "automatic", _("Nobody: the address of the company suffices")
    CUSTOMER_ADMIN = "customer_admin", _("The company's admin")
    SPECIALIST = "specialist", _("A specialist")
    INVITATION = "invitation", _("By invitation only")


class Customer(models.Model):
    """A company that has contracts with the vendor."""

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    mail_domains = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    street = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="DE")
    vat_id = models.CharField(max_length=20, blank=True)
    billing_email = models.EmailField(blank=True)
    buyer_reference = models.CharField(max_length=80, blank=True)
    dpa_reference = models.CharField(max_length=120, blank=True)
    dpa_date = models.DateField(null=True, blank=True)
    release_policy = models.CharField(max_length=16, choices=ReleasePolicy.choices, default=ReleasePolicy.EVERY_CONTACT)
    registration_policy = models.CharField(
        max_length=16, choices=RegistrationPolicy.choices, default=RegistrationPolicy.SPECIALIST
    )
    #: Mails in the name of its people count only where the receiving server has proved their sender (DMARC).
    requires_proved_mail = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    portal_sight = "self_customer"
    objects = CustomerOwnedManager()

    class Meta:
        base_manager_name = "objects"
        default_manager_name = "objects"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """A contact sees the customers it acts for."""
        return Q(pk__in=viewer.customer_ids)


class Visibility(models.TextChoices):
    """Which requests of the customer a contact sees."""

    OWN = "own", _("Own requests")
    ALL = "all", _("All requests of the company")


class Contact(CustomerOwned):
    """A person acting for one customer, with roles, limit and visibility there.

    `user_kind` is always *contact*; the composite key to the user includes it, so that the
    database refuses staff as a contact.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="contacts")
    user_kind = models.CharField(max_length=8, default=Kind.CONTACT, editable=False)
    roles = ArrayField(models.CharField(max_length=16, choices=ContactRole.choices), default=list)
    release_limit = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    release_from = models.DateField(null=True, blank=True)
    release_to = models.DateField(null=True, blank=True)
    visibility = models.CharField(max_length=4, choices=Visibility.choices, default=Visibility.OWN)
    phone = models.CharField(max_length=40, blank=True)
    #: The number as telephone systems send it (E.164, +49…); empty where it cannot be read. Kept by the actions.
    phone_e164 = models.CharField(max_length=16, blank=True)
    #: Mails to this address come back: since when, and what the report says.
    mail_failed_at = models.DateTimeField(null=True, blank=True)
    mail_failure = models.CharField(max_length=250, blank=True)
    deputy = OwnedForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    portal_sight = "customer"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "user"], name="one_contact_per_customer"),
            models.UniqueConstraint(fields=["customer", "id"], name="contact_of_customer"),
            models.CheckConstraint(condition=Q(user_kind="contact"), name="contact_is_no_staff"),
            models.CheckConstraint(
                condition=Q(release_limit__isnull=True) | Q(release_limit__gte=0),
                name="release_limit_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(release_to__isnull=True)
                | Q(release_from__isnull=True)
                | Q(release_to__gte=F("release_from")),
                name="release_period_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["phone_e164"],
                name="contact_by_phone",
                condition=~Q(phone_e164=""),
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"

    @property
    def role_codes(self) -> set[str]:
        """The roles held, as codes; an inactive contact holds none."""
        return set(self.roles) if self.is_active else set()

    def release_limit_on(self, day: date) -> Decimal | None:
        """The named limit (net) that counts on `day`; None = no authority as a named person."""
        if ContactRole.COST_RELEASE not in self.role_codes or self.release_limit is None:
            return None
        if (self.release_from and day < self.release_from) or (self.release_to and day > self.release_to):
            return None
        return self.release_limit


class Invitation(CustomerOwned):
    """An invitation to set a password; only the hash of its token is stored."""

    contact = OwnedForeignKey(Contact, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [models.Index(fields=["customer", "contact"])]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Registration(CustomerOwned):
    """Somebody who registered with customer number and work e-mail, until they are let in or turned away.

    The mail code is stored as a hash; nothing of the company is shown before it was entered.
    """

    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, default="de")
    #: Hash of the token in the browser's session: only the browser that began can go on.
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    #: The contact that came of it; a decided registration without one was turned away.
    contact = OwnedForeignKey(Contact, null=True, blank=True, related_name="+")

    portal_sight = "customer_admins"
    #: The admin hears of people once their address is proved.
    contacts_see = Q(confirmed_at__isnull=False)
    contacts_see_sql = "confirmed_at IS NOT NULL"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="registration_of_customer"),
            models.CheckConstraint(
                condition=Q(contact__isnull=True) | Q(confirmed_at__isnull=False),
                name="nobody_enters_without_code",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "email"], name="registration_by_address"),
            models.Index(
                fields=["-id"],
                name="registration_waiting",
                condition=Q(confirmed_at__isnull=False, decided_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"registration {self.pk}"


def contact_of(user: User, customer_id: int) -> Any:
    """The active contact as which `user` acts for the customer, or None."""
    if not user.is_contact:
        return None
    return Contact.objects.filter(user=user, customer_id=customer_id, is_active=True).first()
