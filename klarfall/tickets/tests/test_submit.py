"""Submitting: what is bound to a ticket, and what is refused."""

from tests.cast import NOW, concern_of


def test_a_request_becomes_a_ticket_with_one_open_concern(make_ticket, cast, system):
    ticket = make_ticket()
    assert (ticket.status, ticket.terms, ticket.calendar) == ("new", cast.terms, cast.calendar)
    assert ticket.contract_line.product == cast.erp
    assert concern_of(ticket).status == "open"
    assert ticket.submitted_at == NOW
