"""Which events are told to people; who hears what is `channels/notices.py`."""

ANNOUNCED = frozenset(
    {
        "ticket.submitted",
        "ticket.resolve",
        "ticket.resolve_by_itself",
        "ticket.reopen",
        "ticket.cancel",
        "ticket.assigned",
        "message.customer",
        "message.agent",
        "coverage.asked",
        "assessment.published",
        "objection.opened",
        "objection.reviewed",
        "objection.withdrawn",
        "offer.send",
        "offer.withdraw",
        "offer.expire",
        "offer.exhaust",
        "offer.warned",
        "offer.passed_on",
        "decision.made",
        "goodwill.granted",
        "costs.dropped",
        "work.stopped",
        "work.restored",
        "handover.consulting",
        "handover.training",
        "handover.status",
    }
)
