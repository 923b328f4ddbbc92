"""User: everybody who signs in or acts, staff or contact, never both."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.permissions import StaffRole

#: Groups of notices that can be switched off (`notice_groups.py` has their words): never what is about money or rights.
MUTABLE_GROUPS = [
    "received", "replies", "progress", "wishes", "registrations", "news", "team_assigned", "team_replies",
    "team_questions",
]  # fmt: skip


class Kind(models.TextChoices):
    """What a user is. It never changes: a contact's key to its user includes it."""

    STAFF = "staff", _("Staff")
    CONTACT = "contact", _("Contact")
    SYSTEM = "system", _("System")


class UserManager(BaseUserManager["User"]):
    """Looks users up by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, *, name: str, kind: Kind, **fields: Any) -> "User":
        """Create a user who cannot sign in yet: the invitation lets them set a password."""
        password = fields.pop("password", None)
        user = self.model(email=email.strip().lower(), name=name, kind=kind, **fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save()
        return user

    def system(self) -> "User":
        """The built-in user *System*, as which the worker acts."""
        return self.get(kind=Kind.SYSTEM)


class User(AbstractBaseUser):
    """A person (or the system). Contacts have one too, even before they can sign in."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    staff_roles = ArrayField(models.CharField(max_length=16, choices=StaffRole.choices), default=list, blank=True)
    language = models.CharField(max_length=2, default="de")
    shortcuts = models.BooleanField(default=True)
    #: Groups of notices this person does not want by mail (`channels`); decisions about costs are no such group.
    muted_notices = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind="staff") | Q(staff_roles=[]), name="only_staff_has_staff_roles"),
            models.CheckConstraint(
                condition=Q(muted_notices__contained_by=MUTABLE_GROUPS), name="only_what_can_be_muted"
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="system"), name="one_system_user"),
            models.UniqueConstraint(fields=["id", "kind"], name="user_with_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        return self.kind == Kind.STAFF

    @property
    def is_contact(self) -> bool:
        return self.kind == Kind.CONTACT


class Tally(models.Model):
    """How often something was tried within a window that began at `since`; the key is a hash (`limits.py`)."""

    key = models.CharField(max_length=64)
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "since"], name="one_tally_per_window")]

    def __str__(self) -> str:
        return f"{self.count} since {self.since}"


class PublicPerson(models.Model):
    """The name of a person, as far as the viewer may know it; a database view.

    Contacts see staff and the people of their own customers. The table of users itself is out
    of reach for the portal's database role.
    """

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=120)
    is_staff = models.BooleanField()

    class Meta:
        managed = False
        db_table = "public_person"

    def __str__(self) -> str:
        return self.name
