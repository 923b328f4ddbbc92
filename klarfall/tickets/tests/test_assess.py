"""Publishing an assessment: what it must say, on what it rests, and what it moves."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from klarfall.contracts.models import CatalogueItem, RateCardLine, TermsVersion
from klarfall.core import vendor
from klarfall.core.action import NotAllowed
from klarfall.core.models import VendorProfile
from klarfall.tickets.actions.assess import AlreadyAssessed, NotAssessable
from klarfall.tickets.actions.cancel import cancel
from klarfall.tickets.actions.object import open_objection
from klarfall.tickets.actions.reply import reply, write_note
from klarfall.tickets.models import Assessment, AssessmentBasis, Attachment, Message
from klarfall.tickets.tests.steps import close, kinds, offered, publish, resolved
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, concern_of, fresh, upload
from tests.catalogue import make_terms

LATER = NOW + timedelta(hours=1)


def test_covered_moves_everything_and_counts_as_our_answer(make_ticket, cast, system):
    ticket = make_ticket(files=[upload()])
    note = write_note(ticket, text="intern", actor=cast.anna, now=NOW)
    assessment = publish(cast, ticket, "COV-USE", training="yes", next_step="Wir melden uns heute.", now=LATER)
    ticket = fresh(ticket)
    assert (ticket.status, ticket.answered_at, ticket.due_at) == ("in_progress", LATER, None)
    assert (concern_of(ticket).status, concern_of(ticket).current_assessment) == ("covered", assessment)
    assert (assessment.sequence, assessment.fact, assessment.outcome) == (1, 1, "covered")
    assert assessment.sealed.data == {"next_step": "Wir melden uns heute."}
    basis = AssessmentBasis.objects.filter(assessment=assessment)
    assert {row.message_id for row in basis if row.message_id} == set(
        Message.objects.filter(ticket=ticket, internal=False).values_list("pk", flat=True)
    )
    assert note.pk not in {row.message_id for row in basis}
    assert [row.attachment for row in basis if row.attachment_id] == [Attachment.objects.get(ticket=ticket)]
    event = ticket.events.get(kind="assessment.published")
    assert event.public
    assert event.data["item"] == cast.item("COV-USE").pk


@pytest.mark.parametrize(
    ("code", "status"),
    [("COV-QUESTION", "covered"), ("CHG-CONF", "chargeable"), ("NOT-PRODUCT", "done"), ("NOT-ONSITE", "done")],
)
def test_the_item_decides_the_outcome(make_ticket, cast, system, code, status):
    ticket = make_ticket()
    publish(cast, ticket, code)
    assert concern_of(ticket).status == status


@pytest.mark.parametrize("cause", ["unknown", "not_relevant", "infrastructure", "defect", ""])
@pytest.mark.parametrize("code", ["CHG-DATA-POST", "CHG-DATA-STATUS", "CHG-DATA-OTHER"])
def test_cleaning_up_data_needs_improper_use_as_its_cause(make_ticket, cast, code, cause):
    ticket = make_ticket()
    with pytest.raises(NotAssessable) as refused:
        publish(cast, ticket, code, cause=cause)
    assert refused.value.field == "cause"
    assert kinds(ticket) == ["ticket.submitted"]
    publish(cast, ticket, code, cause="improper_use")


@pytest.mark.parametrize("cause", ["unknown", "not_relevant", "improper_use", "defect"])
@pytest.mark.parametrize("code", ["CHG-INFRA-HW", "CHG-INFRA-OS", "CHG-INFRA-NET"])
def test_infrastructure_needs_itself_as_its_cause(make_ticket, cast, code, cause):
    ticket = make_ticket()
    with pytest.raises(NotAssessable):
        publish(cast, ticket, code, cause=cause)
    publish(cast, ticket, code, cause="infrastructure")


@pytest.mark.parametrize("finding", [{"cause": "defect"}, {"trigger": "defect"}])
@pytest.mark.parametrize("code", ["CHG-CONF", "NOT-PRODUCT"])
def test_a_defect_is_covered_whatever_else(make_ticket, cast, code, finding):
    ticket = make_ticket()
    with pytest.raises(NotAssessable):
        publish(cast, ticket, code, **finding)
    publish(cast, ticket, "COV-DEFECT", **finding)
    assert concern_of(ticket).status == "covered"


@pytest.mark.parametrize("reason", ["", "  ", "\u200b", "a\x00", "x" * 4_001, None])
def test_every_assessment_has_a_reason(make_ticket, cast, reason):
    with pytest.raises(UnusableText) as refused:
        publish(cast, make_ticket(), "COV-USE", reason=reason)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("reason", ["Aufwand", "Das ist Sonstige Leistung.", "  Das ist Sonstige Leistung.  "])
def test_other_work_needs_a_reason_of_its_own(make_ticket, cast, reason):
    ticket = make_ticket()
    with pytest.raises(NotAssessable) as refused:
        publish(cast, ticket, "CHG-OTHER", reason=reason)
    assert refused.value.field == "reason"
    publish(cast, ticket, "CHG-OTHER", reason="Sie wünschen eine Auswertung, die es im Programm nicht gibt.")


@pytest.mark.parametrize("training", ["", None, "maybe"])
def test_the_question_of_training_is_answered_and_not_known_is_an_answer(make_ticket, cast, training):
    ticket = make_ticket()
    with pytest.raises(NotAssessable) as refused:
        publish(cast, ticket, "COV-USE", training=training)
    assert refused.value.field == "training"
    assert publish(cast, ticket, "COV-USE", training="unknown").training == "unknown"


def test_a_call_leaves_a_note_that_the_customer_can_read(make_ticket, cast, system):
    ticket = make_ticket()
    with pytest.raises(UnusableText) as refused:
        publish(cast, ticket, "COV-USE", by_call=True, call_note=" ")
    assert refused.value.field == "call_note"
    assessment = publish(cast, ticket, "COV-USE", by_call=True, call_note="Frau B. zeigte die Maske.")
    assert assessment.sealed.data["call_note"] == "Frau B. zeigte die Maske."
    assert assessment.sealed.internal is False


class TestBasis:
    def test_it_can_be_narrowed_but_not_be_empty_or_foreign(self, make_ticket, cast, system):
        ticket, other = make_ticket(), make_ticket(title="Andere")
        reply(ticket, text="Mehr dazu.", actor=cast.bernd.user, now=NOW)
        first, foreign = Message.objects.filter(ticket=ticket).first(), Message.objects.get(ticket=other)
        for messages in ([], [foreign], [first, foreign]):
            with pytest.raises(NotAssessable) as refused:
                publish(cast, ticket, "COV-USE", basis_messages=messages, basis_files=[])
            assert refused.value.field == "basis"
        assessment = publish(cast, ticket, "COV-USE", basis_messages=[first])
        assert [row.message for row in AssessmentBasis.objects.filter(assessment=assessment)] == [first]

    def test_a_file_of_another_customer_is_refused(self, make_ticket, cast, system):
        make_ticket(contact=cast.clara, files=[upload()])
        with pytest.raises(NotAssessable):
            publish(cast, make_ticket(), "COV-USE", basis_files=[Attachment.objects.get()])


class TestItem:
    def test_an_item_of_other_terms_is_refused_by_the_action_and_by_the_database(self, make_ticket, cast, system):
        ticket = make_ticket()
        newer = make_terms(2, date(2027, 1, 1))
        item = CatalogueItem.objects.get(terms=newer, code="COV-USE")
        with pytest.raises(NotAssessable) as refused:
            publish(cast, ticket, "", item=item)
        assert refused.value.field == "item"
        right = publish(cast, ticket, "COV-USE")
        row = {
            field.attname: getattr(right, field.attname)
            for field in Assessment._meta.concrete_fields
            if not field.primary_key
        }
        with pytest.raises(DatabaseError, match="item of the terms"), transaction.atomic():
            Assessment.objects.create(**{**row, "sequence": 2, "item_id": item.pk})
        with pytest.raises(DatabaseError, match="takes a person"), transaction.atomic():
            Assessment.objects.create(**{**row, "sequence": 2, "assessor_id": cast.bernd.user_id})

    def test_an_item_for_another_product_is_refused(self, make_ticket, cast, system):
        terms = TermsVersion.objects.create(number=2, valid_from=date(2026, 2, 1))
        item = CatalogueItem.objects.create(terms=terms, code="X", clause="A 9", outcome="covered", title="t", text="t")
        item.products.add(cast.other)
        TermsVersion.objects.filter(pk=terms.pk).update(published_at=NOW)
        ticket = make_ticket()
        with pytest.raises(NotAssessable) as refused:
            publish(cast, ticket, "", item=item)
        assert refused.value.field == "item"
        publish(cast, make_ticket(contact=cast.clara, product=cast.other), "", item=item)

    def test_published_terms_cannot_be_edited(self, cast, system):
        item, draft = cast.item("COV-USE"), TermsVersion.objects.create(number=2, valid_from=date(2026, 2, 1))
        new = CatalogueItem.objects.create(terms=draft, code="X", clause="A 9", outcome="covered", title="t", text="t")
        for change in (
            lambda: CatalogueItem.objects.filter(pk=item.pk).update(title="Anders"),
            lambda: item.terms.rates.update(rate=1),
            lambda: TermsVersion.objects.filter(pk=item.terms_id).update(number=9),
            lambda: CatalogueItem.objects.filter(pk=item.pk).delete(),
            lambda: CatalogueItem.objects.filter(pk=item.pk).update(terms=draft),
            lambda: RateCardLine.objects.filter(terms=item.terms_id).update(terms=draft),
            lambda: CatalogueItem.objects.filter(pk=new.pk).update(terms=item.terms_id),
            lambda: item.products.add(cast.other),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestLegal:
    def test_the_text_is_fixed_whatever_is_typed(self, make_ticket, cast, system):
        assessment = publish(cast, make_ticket(), "NOT-LEGAL", reason="Ich meine, das dürfen Sie so umlegen.")
        assert assessment.reason == "Wir beraten nicht rechtlich."

    def test_without_words_of_the_vendor_ours_are_used(self, make_ticket, cast, system):
        VendorProfile.objects.update(legal_notice="")
        vendor.forget()
        assessment = publish(cast, make_ticket(), "NOT-LEGAL", reason="")
        assert len(assessment.reason) > 50


class TestAgain:
    def test_a_second_click_publishes_nothing(self, make_ticket, cast, system):
        ticket = make_ticket()
        publish(cast, ticket, "COV-USE")
        with pytest.raises(AlreadyAssessed):
            publish(cast, ticket, "CHG-CONF", actor=cast.dora)
        assert Assessment.objects.count() == 1

    def test_new_information_changes_the_assessment_of_an_open_ticket(self, make_ticket, cast, system):
        ticket = make_ticket()
        publish(cast, ticket, "COV-USE")
        second = publish(cast, ticket, "CHG-CONF", trigger="midway", now=LATER)
        assert (second.sequence, concern_of(ticket).status) == (2, "chargeable")
        assert fresh(ticket).status == "in_progress"
        assert "concern.reassess" in kinds(ticket)

    def test_after_reopening_the_next_one_is_about_new_information(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        reply(ticket, text="Doch nicht.", actor=cast.bernd.user, now=LATER)
        assert publish(cast, ticket, "COV-USE", now=LATER).trigger == "new_information"

    def test_an_open_objection_is_decided_first(self, make_ticket, cast, system):
        ticket = make_ticket()
        first = publish(cast, ticket, "CHG-CONF")
        open_objection(first, text="Das ist doch ein Fehler.", actor=cast.bernd.user, now=NOW)
        with pytest.raises(NotAssessable):
            publish(cast, ticket, "CHG-TRAIN-BASIC", trigger="midway")
        publish(cast, ticket, "COV-DEFECT", trigger="defect")

    def test_a_closed_ticket_is_reassessed_for_a_defect_only_and_stays_closed(self, make_ticket, cast, system):
        at = NOW + timedelta(days=15)
        ticket = close(resolved(cast, make_ticket()), actor=type(cast.anna).objects.system(), now=at)
        with pytest.raises(NotAssessable):
            publish(cast, ticket, "CHG-CONF", trigger="new_information", now=at)
        publish(cast, ticket, "COV-DEFECT", trigger="defect", now=at)
        assert (fresh(ticket).status, fresh(ticket).due_at) == ("closed", None)

    def test_a_withdrawn_request_is_not_assessed(self, make_ticket, cast):
        ticket = make_ticket()
        cancel(ticket, actor=cast.bernd.user, now=NOW)
        with pytest.raises(NotAssessable):
            publish(cast, ticket, "COV-USE")

    def test_a_concern_of_another_ticket_is_refused(self, make_ticket, cast, system):
        from klarfall.tickets.actions.assess import publish_assessment
        from klarfall.tickets.locking import locked

        one, two = make_ticket(), make_ticket(title="Andere")
        with pytest.raises(NotAssessable):
            publish_assessment(
                concern_of(one), ticket=locked(two), item=cast.item("COV-USE"), reason="x", actor=cast.anna, now=NOW
            )


@pytest.mark.parametrize("who", ["bernd", "clara", "system"])
def test_only_staff_assesses(make_ticket, cast, who):
    actor = type(cast.anna).objects.system() if who == "system" else getattr(cast, who).user
    with pytest.raises(NotAllowed):
        publish(cast, make_ticket(), "COV-USE", actor=actor)


def test_an_assessment_can_be_neither_changed_nor_deleted(make_ticket, cast, system):
    assessment = publish(cast, make_ticket(), "COV-USE")
    for change in (
        lambda: Assessment.objects.filter(pk=assessment.pk).update(cause="defect"),
        lambda: Assessment.objects.filter(pk=assessment.pk).delete(),
        lambda: AssessmentBasis.objects.filter(assessment=assessment).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_assessment")
        assert cursor.fetchone()[0] == 1


def test_publishing_does_not_touch_the_other_concerns(make_ticket, cast, system):
    from klarfall.tickets.actions.review import split

    ticket = make_ticket()
    split(ticket, titles=["Zwei"], actor=cast.anna, now=NOW)
    offered(cast, ticket)
    publish(cast, ticket, "COV-USE", position=2)
    assert [concern_of(ticket, n).status for n in (1, 2)] == ["offered", "covered"]
