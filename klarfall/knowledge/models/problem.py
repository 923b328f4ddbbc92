"""KnownProblem: a fault that several meet, its workaround and its fix; who is affected belongs to their customers."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from klarfall.contracts.models.product import Area, Product, ProductVersion
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey, Viewer
from klarfall.core.published import Published
from klarfall.knowledge import reach
from klarfall.knowledge.models.article import Article
from klarfall.knowledge.reach import Visibility
from klarfall.knowledge.status import ProblemStatus


class KnownProblem(Published):
    """A fault of a product, from one version to another, told to everybody whom it may trouble."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    #: How one meets it.
    symptoms = models.TextField(blank=True, help_text="Markdown")
    symptoms_en = models.TextField(blank=True, help_text="Markdown")
    workaround = models.TextField(blank=True, help_text="Markdown")
    workaround_en = models.TextField(blank=True, help_text="Markdown")
    affected_from = models.ForeignKey(ProductVersion, models.PROTECT, null=True, blank=True, related_name="+")
    affected_to = models.ForeignKey(ProductVersion, models.PROTECT, null=True, blank=True, related_name="+")
    fixed_in = models.ForeignKey(ProductVersion, models.PROTECT, null=True, blank=True, related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=ProblemStatus.choices, default=ProblemStatus.OPEN)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.CUSTOMERS)
    #: Shown to readers at all; kept by actions.
    live = models.BooleanField(default=False)
    #: Whether it stands above the pages of everybody who may be affected.
    banner = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    fixed_at = models.DateTimeField(null=True, blank=True)

    public_sql = reach.PUBLIC_SQL
    portal_sql = reach.PORTAL_SQL

    class Meta(Published.Meta):
        indexes: ClassVar = [
            models.Index(fields=["status", "-changed_at", "-id"], name="problem_list"),
            models.Index(fields=["product", "status"], name="problem_of_product"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status="fixed") | Q(fixed_at__isnull=False), name="fixed_problem_has_day"
            ),
        ]

    def __str__(self) -> str:
        return f"problem {self.pk}"

    @classmethod
    def public(cls) -> Q:
        """What everybody reads."""
        return reach.public()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """What the contact reads."""
        return reach.readable(viewer)


class ProblemStep(Published):
    """A state that a known problem reached: its history, and how far those are told whom the state concerns."""

    problem = models.ForeignKey(KnownProblem, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=ProblemStatus.choices)
    #: In which version it is fixed.
    version = models.ForeignKey(ProductVersion, models.PROTECT, null=True, blank=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    #: The last contact whom the job of telling has looked at, how many it has told, and how many have another version.
    reached = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    spared = models.PositiveIntegerField(default=0)
    #: Everybody is told; empty = the job is at work, or nobody can read the problem yet.
    finished_at = models.DateTimeField(null=True, blank=True)

    # The problem's own policy answers in the subquery.
    public_sql = "EXISTS (SELECT FROM knowledge_knownproblem p WHERE p.id = knowledge_problemstep.problem_id)"
    portal_sql = public_sql

    class Meta(Published.Meta):
        indexes: ClassVar = [models.Index(fields=["problem", "id"], name="step_of_problem")]

    def __str__(self) -> str:
        return f"step {self.pk}"

    @classmethod
    def public(cls) -> Q:
        """The history of what everybody reads."""
        return cls._of_problems()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """The history of what the contact reads."""
        return cls._of_problems()

    @classmethod
    def _of_problems(cls) -> Q:
        problems: Any = KnownProblem.objects.all()  # narrowed by the viewer in force
        return Q(problem__in=problems.values("pk"))


class ProblemReport(CustomerOwned):
    """*This affects me too* of one contact: told when there is a workaround or a fix."""

    problem = models.ForeignKey(KnownProblem, models.PROTECT, related_name="+")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "problem", "contact"], name="one_report_per_contact"),
        ]
        indexes: ClassVar = [models.Index(fields=["problem"], name="report_of_problem")]

    def __str__(self) -> str:
        return f"report {self.pk}"


class ProblemTicket(CustomerOwned):
    """A request that hangs on a known problem."""

    problem = models.ForeignKey(KnownProblem, models.PROTECT, related_name="+")
    ticket = OwnedForeignKey("tickets.Ticket", related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    #: The problem is fixed and the request still open: a specialist has to look whether it is solved.
    to_check = models.BooleanField(default=False)

    portal_sight = "ticket"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "ticket", "problem"], name="problem_once_per_ticket"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["problem"], name="ticket_of_problem"),
            models.Index(fields=["ticket"], name="ticket_to_check", condition=Q(to_check=True)),
        ]

    def __str__(self) -> str:
        return f"ticket of problem {self.pk}"
