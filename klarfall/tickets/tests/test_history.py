"""INV-29: whatever is changed in the history afterwards is found, by the chain, its rows or the anchors."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from klarfall.core.isolation import SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.tickets import anchors
from klarfall.tickets.actions.reply import reply, write_note
from klarfall.tickets.events import broken_events, broken_rows
from klarfall.tickets.jobs import anchor as anchor_job
from klarfall.tickets.models import AnchoredHead, Attachment, ChainAnchor, Message, SealedText, TicketEvent
from klarfall.tickets.tests.steps import publish
from tests.cast import NOW, fresh, upload

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def told(make_ticket, cast):
    """Makes tickets with some history: sent, looked at, assessed, answered."""

    def tell(title):
        ticket = make_ticket(title=title, files=[upload()])
        publish(cast, ticket, "COV-USE")
        reply(ticket, text=f"Antwort zu {title}", actor=cast.anna, now=LATER)
        return fresh(ticket)

    return tell


def test_a_told_story_verifies(told, system):
    ticket = told("eins")
    assert (broken_events(ticket), broken_rows(ticket)) == ([], [])
    events = list(ticket.events.order_by("sequence"))
    assert [event.sequence for event in events] == list(range(1, ticket.chain_length + 1))
    assert events[-1].hash == ticket.chain_head


def test_the_zone_in_which_an_instant_was_given_does_not_matter(told, cast, system):
    """The database gives instants back in UTC; a hash over local time would never verify again."""
    ticket = told("eins")
    write_note(ticket, text="Aus Mainz", actor=cast.anna, now=LATER.astimezone(ZoneInfo("Europe/Berlin")))
    assert broken_events(fresh(ticket)) == []


def test_history_holds_no_words(told, cast, system):
    ticket = told("Frau Müller")
    secrets = ("Müller", "Antwort", "Liegenschaft", "Katalog", "Anna", "Bernd")
    for event in TicketEvent.objects.filter(ticket=ticket):
        assert not any(secret in str(event.data) for secret in secrets)


def test_the_product_itself_can_neither_change_nor_delete_history(told, system):
    ticket = told("eins")
    event = ticket.events.first()
    for change in (
        lambda: TicketEvent.objects.filter(pk=event.pk).update(kind="other"),
        lambda: Message.objects.filter(ticket=ticket).update(internal=True),
        lambda: Message.objects.filter(ticket=ticket).delete(),
        lambda: Attachment.objects.filter(ticket=ticket).update(key="other"),
        lambda: TicketEvent.objects.filter(pk=event.pk).delete(),
        lambda: SealedText.objects.filter(pk=event.sealed_id).update(text="other"),
        lambda: SealedText.objects.filter(pk=event.sealed_id).delete(),
        lambda: SealedText.objects.filter(pk=event.sealed_id).update(
            text="", data={}, salt="", erased_at=NOW, person=1
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_customer_s_timeline_has_no_internal_events(make_ticket, cast):
    ticket = make_ticket()
    write_note(ticket, text="intern", actor=cast.anna, now=NOW)
    reply(ticket, text="Hallo", actor=cast.anna, now=NOW)
    seat = Seat(cast.bernd.pk, cast.bernd.customer_id)
    with viewing_as(Viewer(ViewerKind.CONTACT, cast.bernd.user_id, (seat,))):
        kinds = set(TicketEvent.objects.filter(ticket=ticket).values_list("kind", flat=True))
        texts = set(SealedText.objects.values_list("text", flat=True))
    assert "message.agent" in kinds
    assert "message.note" not in kinds
    assert "intern" not in texts


#: What an owner of the tables could do past the triggers, and where it must show up.
TAMPERED = {
    "data": "UPDATE tickets_ticketevent SET data = '{{}}' WHERE id = {event}",
    "actor": "UPDATE tickets_ticketevent SET actor_id = {dora} WHERE id = {event}",
    "time": "UPDATE tickets_ticketevent SET at = at - interval '1 hour' WHERE id = {event}",
    "visibility": "UPDATE tickets_ticketevent SET public = NOT public WHERE id = {event}",
    "gap": "DELETE FROM tickets_ticketevent WHERE id = {event}",
    "text": "UPDATE tickets_sealedtext SET text = 'anders' WHERE id = {sealed}",
    "swapped": "UPDATE tickets_ticketevent SET sealed_id = {last_sealed} WHERE id = {event}",
    "cut": "DELETE FROM tickets_ticketevent WHERE id = {last}",
}
ROWS = {
    "assessment": "UPDATE tickets_assessment SET cause = 'defect' WHERE ticket_id = {ticket}",
    "message": "UPDATE tickets_message SET sealed_id = {assessed_sealed} WHERE sealed_id = {sealed}",
    "secrecy": "UPDATE tickets_message SET internal = NOT internal WHERE sealed_id = {sealed}",
    "file": "UPDATE tickets_attachment SET sha256 = repeat('0', 64) WHERE ticket_id = {ticket}",
}
HIDDEN_CUT = (
    "DELETE FROM tickets_ticketevent WHERE id = {last};"
    " UPDATE tickets_ticket SET chain_length = {length} - 1, chain_head = '{head_before}' WHERE id = {ticket}"
)
TABLES = ("ticketevent", "sealedtext", "assessment", "message", "attachment", "ticket", "anchoredhead")


def places(ticket, cast):
    """The ids by which the statements above find their rows."""
    with viewing_as(SYSTEM):
        events = list(ticket.events.order_by("sequence"))
        assessed = next(event for event in events if event.kind == "assessment.published")
    return {
        "ticket": ticket.pk,
        "length": ticket.chain_length,
        "event": events[0].pk,
        "sealed": events[0].sealed_id,
        "assessed_sealed": assessed.sealed_id,
        "last": events[-1].pk,
        "last_sealed": events[-1].sealed_id,
        "head_before": events[-2].hash,
        "dora": cast.dora.pk,
    }


def tamper(owner, statement):
    for table in TABLES:
        owner.execute(f"ALTER TABLE tickets_{table} DISABLE TRIGGER USER")
    try:
        for part in statement.split(";"):
            assert owner.execute(part).rowcount == 1, part
    finally:
        for table in TABLES:
            owner.execute(f"ALTER TABLE tickets_{table} ENABLE TRIGGER USER")


def test_whatever_the_owner_of_the_tables_changes_is_found(committed_db, told, cast, owner_connection, caplog):
    tickets = {name: told(name) for name in (*TAMPERED, *ROWS, "hidden cut", "untouched")}
    with viewing_as(SYSTEM):
        anchors.anchor_heads(LATER)
        assert anchors.verify_anchors() == []
    for name, statement in {**TAMPERED, **ROWS, "hidden cut": HIDDEN_CUT}.items():
        tamper(owner_connection, statement.format(**places(tickets[name], cast)))
    with viewing_as(SYSTEM):
        broken = {name: broken_events(fresh(ticket)) for name, ticket in tickets.items()}
        rows = {name: broken_rows(fresh(ticket)) for name, ticket in tickets.items()}
        found = {(finding.ticket, finding.what) for finding in anchors.verify_anchors()}
    assert {name for name, places_ in broken.items() if places_} == set(TAMPERED)
    assert {name for name in ROWS if rows[name]} == set(ROWS)
    assert rows["untouched"] == []
    # The cut that hides itself in the chain is known to the anchor, like the plain one.
    assert (tickets["hidden cut"].pk, "chain cut") in found
    assert {ticket for ticket, _what in found} == {tickets["cut"].pk, tickets["hidden cut"].pk}
    anchor_job()
    assert caplog.text.count("chain cut") == 2

    tamper(owner_connection, f"UPDATE tickets_anchoredhead SET sequence = 1 WHERE ticket_id = {tickets['cut'].pk}")
    with viewing_as(SYSTEM):
        assert any(finding.what == "anchor changed" for finding in anchors.verify_anchors())


class TestAnchors:
    def test_only_what_grew_is_anchored_again(self, told, cast, system):
        one, two = told("eins"), told("zwei")
        first = anchors.anchor_heads(LATER)
        assert first.chains == 2
        assert anchors.anchor_heads(LATER) is None
        reply(one, text="Noch etwas", actor=cast.bernd.user, now=LATER)
        second = anchors.anchor_heads(LATER + timedelta(days=1))
        assert (second.chains, second.previous_hash) == (1, first.hash)
        heads = AnchoredHead.objects.filter(ticket=one).order_by("sequence").values_list("sequence", flat=True)
        assert list(heads) == [one.chain_length, fresh(one).chain_length]
        assert AnchoredHead.objects.filter(ticket=two).count() == 1
        assert anchors.verify_anchors() == []

    def test_anchors_stay(self, told, system):
        told("eins")
        anchors.anchor_heads(LATER)
        for model in (ChainAnchor, AnchoredHead):
            for change in (lambda rows: rows.delete(), lambda rows: rows.update(hash="0")):
                with pytest.raises(DatabaseError), transaction.atomic():
                    change(model.objects.all())

    def test_the_nightly_job_anchors_and_says_the_hash_outside_the_database(self, told, caplog):
        caplog.set_level("INFO")
        told("eins")
        anchor_job()
        with viewing_as(SYSTEM):
            assert ChainAnchor.objects.get().hash in caplog.text
        assert "changed" not in caplog.text
