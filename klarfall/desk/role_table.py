"""What each role of staff may do, in words; tests hold every line against the table of permissions."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.permissions import PERMISSIONS, StaffRole

#: What one may do -> the permissions that stand for it; all permissions of a line belong to the same roles of staff.
LINES: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (
        _("Submit and answer requests, assess them, send cost notices, solve them"),
        (
            "ticket.submit", "ticket.reply", "ticket.review", "ticket.assign", "ticket.restore", "ticket.resolve",
            "ticket.progress", "note.write", "concern.split", "assessment.publish", "objection.review", "offer.send",
            "offer.withdraw", "work.finish", "article.attach",
        ),
    ),
    (
        _("Record time, hold remote sessions with recorded consent"),
        ("time.record", "consent.record", "remote.hold", "remote.end"),
    ),
    (
        _("Assign arrived mails, record calls, call back"),
        ("mail.handle", "call.record", "callback.request", "callback.handle"),
    ),
    (
        _("Hand over to the consultants and to trainings"),
        ("consulting.request", "consulting.handle", "training.request"),
    ),
    (
        _("Write articles, keep synonyms and known problems"),
        ("article.write", "synonym.change", "problem.manage"),
    ),
    (_("Review, publish and import articles"), ("article.publish", "article.import")),
    (_("Grant goodwill (specialists up to the limit)"), ("goodwill.grant",)),
    (_("Issue service records"), ("record.issue",)),
    (_("Invite contacts; let people in who have registered"), ("contact.invite", "registration.decide")),
    (
        _("Change customers, contacts and contracts; import them"),
        ("contact.change", "customer.change", "contract.change", "release.grant", "data.import"),
    ),
    (_("Publish the service catalogue and the rates"), ("terms.publish",)),
    (_("Erase people"), ("person.erase",)),
    (
        _("Prepare, freeze and export billing runs; write invoices"),
        ("batch.prepare", "batch.freeze", "batch.export", "invoice.write"),
    ),
    (_("Set up billing: seller, VAT rates, limit of goodwill"), ("billing.set_up",)),
    (_("Read the audit trail and the self-audit"), ("audit.view",)),
    (
        _("Set up the house: products, ways of contact, service hours, words, mails, staff; export everything"),
        ("house.set_up", "staff.change", "data.export"),
    ),
)  # fmt: skip


def role_table() -> list[tuple[str, str]]:
    """The lines, each with the roles that may do it."""
    return [(str(words), _roles(PERMISSIONS[names[0]])) for words, names in LINES]


def _roles(holders: set[str]) -> str:
    return ", ".join(str(role.label) for role in StaffRole if role in holders)
