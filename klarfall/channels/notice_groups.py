"""Which group a kind of notice belongs to: those a person may switch off, and those that always come, with the reason.

Every template in `templates/channels/notices` has its line here (a test compares them).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import Kind, User
from klarfall.accounts.notice_groups import NoticeGroup

#: Kind of notice -> the group that a person may switch off.
MUTABLE: dict[str, NoticeGroup] = {
    "received": NoticeGroup.RECEIVED,
    "reply": NoticeGroup.REPLIES,
    "restored": NoticeGroup.PROGRESS,
    "resolved": NoticeGroup.PROGRESS,
    "handed_over": NoticeGroup.WISHES,
    "handover_status": NoticeGroup.WISHES,
    "wish": NoticeGroup.WISHES,
    "registration_waiting": NoticeGroup.REGISTRATIONS,
    "help_news": NoticeGroup.NEWS,
    "help_digest": NoticeGroup.NEWS,
    "team_assigned": NoticeGroup.TEAM_ASSIGNED,
    "team_cancelled": NoticeGroup.TEAM_ASSIGNED,
    "team_reopened": NoticeGroup.TEAM_ASSIGNED,
    "team_reply": NoticeGroup.TEAM_REPLIES,
    "team_coverage": NoticeGroup.TEAM_QUESTIONS,
}


@dataclass(frozen=True)
class Lasting:
    """Notices that cannot be switched off: what they are, why, for whom, and their kinds."""

    label: str | Promise
    why: str | Promise
    readers: tuple[str, ...]
    kinds: frozenset[str]


LASTING = (
    Lasting(
        _("Assessments, cost notices and your decisions, caps and expiry"),
        _("Costs shall surprise nobody: you hear of it before money is spent and when a decision ends by itself."),
        (Kind.CONTACT,),
        frozenset({
            "assessed", "cost_notice", "passed_on", "offer_expiring", "offer_expired", "offer_withdrawn",
            "decision_made", "mail_is_no_decision", "cap_warning", "cap_reached", "stopped", "goodwill",
            "costs_dropped", "objection_received", "objection_reviewed", "service_record",
        }),
    ),
    Lasting(
        _("Agreed on the phone: call backs, and the link to add something to a request"),
        _("You have asked for it, and somebody relies on the time."),
        (Kind.CONTACT,),
        frozenset({"callback_agreed", "callback_missed", "add_in_portal"}),
    ),
    Lasting(
        _("Remote sessions: who asks for one, and when it ended"),
        _("Nobody looks at your screen unless you agree, and you know from when to when."),
        (Kind.CONTACT,),
        frozenset({"remote_invited", "remote_ended"}),
    ),
    Lasting(
        _("Remote sessions of yours: declined, ended, still running"),
        _("Time that runs in a session must not be forgotten."),
        (Kind.STAFF,),
        frozenset({"team_remote_declined", "team_remote_ended", "team_remote_open"}),
    ),
    Lasting(
        _("Known problems that affect you: a workaround, a fix"),
        _("You have said that it affects you, or asked about it. Whoever takes that back hears nothing more of it."),
        (Kind.CONTACT,),
        frozenset({"problem_workaround", "problem_fixed"}),
    ),
    Lasting(
        _("Invoices"),
        _("An invoice has a day by which it is to be paid."),
        (Kind.CONTACT,),
        frozenset({"invoice"}),
    ),
    Lasting(
        _("Decisions of customers, caps, stopped work, second reviews"),
        _("Customers rely on it that their decision is carried out at once: no minute is charged after a stop."),
        (Kind.STAFF,),
        frozenset({
            "team_decision", "team_offer_expired", "team_cap_warning", "team_cap_reached", "team_stopped",
            "team_objection", "team_objection_withdrawn", "team_record_disputed",
        }),
    ),
    Lasting(
        _("Mails to customers that came back"),
        _("Whoever did not get a cost notice cannot decide: somebody has to reach them in another way."),
        (Kind.STAFF,),
        frozenset({"team_bounce"}),
    ),
    Lasting(
        _("Sign-in and rights: codes, passwords, invitations, granted rights"),
        _("They protect your account: you would not notice that somebody else uses it."),
        (Kind.CONTACT, Kind.STAFF),
        frozenset({"link_code", "phone_code", "invitation", "registration_admitted", "release_granted"}),
    ),
)  # fmt: skip


def wants(user: User, kind: str) -> bool:
    """Does this person get notices of this kind? Whatever no group names always comes."""
    group = MUTABLE.get(kind)
    return group is None or group.value not in user.muted_notices
