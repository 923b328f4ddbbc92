"""The names of the classes of minutes, the same on desk, portal, service record and mail."""

from django.utils.translation import gettext as _

from klarfall.billing.engine import MinuteClass


def words(kind: MinuteClass) -> str:
    """The name of a class of minutes."""
    return {
        MinuteClass.TRIAGE: _("Review, free of charge"),
        MinuteClass.NOT_OFFERED: _("Not part of support, free of charge"),
        MinuteClass.COVERED: _("Covered by the contract"),
        MinuteClass.ON_HOLD: _("Second review open, free of charge"),
        MinuteClass.AFTER_STOP: _("After the stop, free of charge"),
        MinuteClass.BILLABLE: _("Billable"),
        MinuteClass.OVER_CAP: _("Beyond the cap, free of charge"),
        MinuteClass.PRE_DECISION: _("Without an acceptance, free of charge"),
    }[kind]
