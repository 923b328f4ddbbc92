"""Mails to the team that belong to no customer: what the self-audit found."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import StaffRole
from klarfall.billing.models import SelfAudit
from klarfall.billing.self_audit.tally import in_words
from klarfall.channels import addresses
from klarfall.core import mail, vendor

#: Findings named per invariant; the page shows more.
_NAMED = 10


def leads() -> QuerySet[Any]:
    """The active leads; where there is none, whoever administers the installation."""
    staff = User.objects.filter(kind=Kind.STAFF, is_active=True).order_by("pk")
    found = staff.filter(staff_roles__contains=[StaffRole.LEAD])
    return found if found.exists() else staff.filter(staff_roles__contains=[StaffRole.ADMINISTRATOR])


def mail_self_audit(audit: SelfAudit, user: User) -> None:
    """Send what a self-audit found: invariants, numbers of rows and codes in words, nothing of any customer."""
    with translation.override(user.language), timezone.override(vendor.current().time_zone):
        written = mail.compose(
            "channels/self_audit.txt",
            greeting=translation.gettext("Hello %(name)s,") % {"name": user.name},
            finished_at=audit.finished_at,
            found=sum(check["found"] for check in audit.checks),
            findings=[(check["invariant"], _lines(check)) for check in audit.checks if check["found"]],
            audit_url=addresses.page("desk:audit"),
        )
    mail.send(written, mail.Envelope(user.email, user.name, mail.new_message_id()))


def _lines(check: dict[str, Any]) -> str:
    named = [in_words(finding) for finding in check["findings"][:_NAMED]]
    more = check["found"] - len(named)
    return "\n".join([*named, *([translation.gettext("and %(count)s more") % {"count": more}] if more else [])])
