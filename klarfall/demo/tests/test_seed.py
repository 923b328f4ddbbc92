"""The demo as it is written: through the actions, as the restricted role, whole or not at all."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.accounts.models import User
from klarfall.billing.actions import batches
from klarfall.billing.models import (
    BatchConcern,
    BillingBatch,
    BillingLine,
    CostOffer,
    CustomerDecision,
    DecisionAttempt,
    SelfAudit,
    ServiceRecord,
    TimeEntry,
)
from klarfall.billing.runs.sealing import content_hash
from klarfall.billing.status import EntryStatus, OfferStatus
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewer_for, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.core.numbers import TICKET_NUMBERS
from klarfall.customers.models import Contact, Customer
from klarfall.demo import seed as demo
from klarfall.demo.acts import resolve
from klarfall.demo.play import Failed
from klarfall.demo.schedule import after
from klarfall.demo.script import step
from klarfall.demo.stories import MAIN_NUMBER, current, finished
from klarfall.incoming.models import IncomingMail, MailCopy
from klarfall.knowledge.models import (
    Article,
    Edition,
    KnownProblem,
    ProblemTicket,
    SearchEntry,
    Subscription,
    Vote,
)
from klarfall.knowledge.search import finding
from klarfall.knowledge.status import EditionStatus, ProblemStatus
from klarfall.service_levels.models import ServiceCalendar
from klarfall.tickets.anchors import verify_anchors
from klarfall.tickets.events import broken_events, broken_rows
from klarfall.tickets.models import (
    Attachment,
    ChainAnchor,
    Concern,
    ConsultantRequest,
    Message,
    Objection,
    Ticket,
    TrainingRequest,
)
from klarfall.tickets.status import ConcernStatus, TicketStatus

NOW = datetime(2026, 11, 24, 10, 42, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole demo, written once for all tests of this module and taken back afterwards."""
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")):
        with transaction.atomic():
            yield demo.seed(NOW)
            transaction.set_rollback(True)
        vendor.forget()


@pytest.fixture
def system(seeded):
    with viewing_as(SYSTEM):
        yield seeded


def statuses(model):
    return set(model.objects.values_list("status", flat=True))


def test_every_state_that_actions_reach_occurs(system):
    assert statuses(Ticket) == set(TicketStatus)
    # An assessment "not offered" is the answer: its concern is done or referred at once.
    assert statuses(Concern) == set(ConcernStatus) - {ConcernStatus.NOT_OFFERED}
    # A draft is sent in the action that makes it.
    assert statuses(CostOffer) == set(OfferStatus) - {OfferStatus.DRAFT}


def test_it_tells_what_it_wrote(system):
    assert (system.customers, system.tickets) == (Customer.objects.count(), Ticket.objects.count())
    assert system.tickets >= 30


def test_every_history_is_intact(system):
    assert [ticket.number for ticket in Ticket.objects.all() if broken_events(ticket) or broken_rows(ticket)] == []
    assert ChainAnchor.objects.count() > 30  # one for every night after a day on which something happened
    assert verify_anchors() == []


def test_every_customer_has_requests_and_the_main_story_its_number(system):
    assert set(Ticket.objects.values_list("customer", flat=True)) == set(Customer.objects.values_list("pk", flat=True))
    main = Ticket.objects.get(title="Doppelte Sollstellung Oktober bereinigen")
    before = Ticket.objects.filter(number__lt=main.number)
    # Sequences outlive a test that is taken back: the number is exact in a database that never had one.
    assert main.number >= MAIN_NUMBER == 1837
    assert main.number - before.count() == before.order_by("number").first().number
    assert main.status == TicketStatus.WAITING_FOR_DECISION
    offer = CostOffer.objects.get(ticket=main)
    assert (offer.status, offer.cap_minutes, str(offer.rate)) == (OfferStatus.SENT, 120, "148.00")
    assert "120 Minuten" in offer.canonical_text
    assert "148,00" in offer.canonical_text
    assert {name.rpartition(".")[2] for name in main.attachments.values_list("name", flat=True)} == {"pdf", "png"}


def test_the_helpdesk_center_is_full_and_found(system):
    assert statuses(Edition) == set(EditionStatus)
    assert Article.objects.filter(live=True).count() > 80
    assert statuses(KnownProblem) == {ProblemStatus.OPEN, ProblemStatus.WORKAROUND, ProblemStatus.FIXED}
    assert ProblemTicket.objects.count() == KnownProblem.objects.count() == 4
    assert Subscription.objects.count() == 3
    assert set(Vote.objects.values_list("helped", flat=True)) == {True, False}
    live = Article.objects.filter(live=True).values("pk")
    assert not Article.objects.filter(live=True).exclude(pk__in=SearchEntry.objects.values("article")).exists()
    assert not SearchEntry.objects.exclude(article__in=live).exists()
    assert finding.find("Sollstellungslauf zurücknehmen").hits[0].title == "Sollstellungslauf zurücknehmen"


def test_nobody_is_mailed_about_help_that_was_there_before(system):
    waiting = ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True)
    assert not {"knowledge.index", "knowledge.announce"} & set(waiting)


def test_a_month_is_billed_and_a_preview_is_open(system):
    billed, preview = BillingBatch.objects.order_by("number")
    assert (billed.status, preview.status, preview.stage) == ("exported", "open", "")
    assert (billed.starts_on.day, billed.ends_on, preview.starts_on.day) == (1, date(2026, 10, 31), 1)
    assert billed.net == sum(line.net for line in BillingLine.objects.all()) > 0
    assert billed.content_hash == content_hash(billed)
    kinds = set(BillingLine.objects.values_list("kind", flat=True))
    assert {"work", "rounding", "goodwill"} <= kinds
    due = {line["kind"] for one in BatchConcern.objects.filter(batch=preview) for line in one.lines}
    assert {"work", "correction"} <= due
    table = default_storage.open(billed.csv_key).read().decode("utf-8-sig")
    assert len(table.splitlines()) == billed.lines + 1
    assert ServiceRecord.objects.filter(status="confirmed", answered_by__user__name="Jonas Weber").exists()
    waiting = ProcrastinateJob.objects.filter(status="todo", task_name__in=[batches.COMPUTE, batches.FREEZE])
    assert not waiting.exists()
    assert [(one.is_clean, len(one.checks)) for one in SelfAudit.objects.all()] == [(True, 7)]


def drawn_number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [TICKET_NUMBERS])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_numbers_begin_where_they_should():
    with viewing_as(SYSTEM):
        wanted = drawn_number() + 25
        demo._begin_numbers_at(wanted)
        assert drawn_number() == wanted
        demo._begin_numbers_at(wanted)  # too late: numbers never go back
        assert drawn_number() > wanted


def test_numbers_follow_the_order_of_submission(system):
    numbers = list(Ticket.objects.order_by("submitted_at", "pk").values_list("number", flat=True))
    assert numbers == sorted(numbers)


def test_nothing_happened_in_the_future_and_all_within_ten_weeks(system):
    instants = list(Ticket.objects.values_list("events__at", flat=True))
    assert max(instants) <= NOW
    assert min(instants) > NOW - timedelta(weeks=11)


def test_events_of_a_request_are_in_the_order_of_time(system):
    for ticket in Ticket.objects.all():
        instants = list(ticket.events.order_by("sequence").values_list("at", flat=True))
        assert instants == sorted(instants), ticket.number


def test_the_scene_has_all_it_promises(system):
    assert TimeEntry.objects.get(status=EntryStatus.RUNNING).concern.status == ConcernStatus.ACCEPTED
    assert set(Ticket.objects.values_list("channel", flat=True)) == {"portal", "email", "phone"}
    assert Ticket.objects.filter(confidential=True).exists()
    assert Ticket.objects.filter(follow_up_of__isnull=False, follow_up_of__status=TicketStatus.CLOSED).exists()
    assert Ticket.objects.filter(contract_line__isnull=True).exists()
    assert Ticket.objects.filter(restored_at__isnull=False).exclude(workaround="").exists()
    assert Message.objects.filter(internal=True).exists()
    assert Concern.objects.filter(wish_open=True).exists()
    assert Concern.objects.filter(extension_open=True, status=ConcernStatus.CAP_REACHED).exists()
    assert {"confirmed", "changed", ""} == set(Objection.objects.values_list("result", flat=True))
    assert DecisionAttempt.objects.filter(reason="not_named").exists()
    assert CustomerDecision.objects.filter(chosen_cap_minutes__isnull=False).exists()
    assert {"portal", "phone_code"} <= set(CustomerDecision.objects.values_list("channel", flat=True))
    assert ConsultantRequest.objects.filter(concern__isnull=True).exists()
    assert TrainingRequest.objects.exists()


def test_new_requests_are_overdue_at_risk_and_in_time(system):
    new = Ticket.objects.filter(status=TicketStatus.NEW)
    assert new.filter(due_at__lt=NOW).exists()
    assert new.filter(due_at__range=(NOW, NOW + timedelta(minutes=30))).exists()
    assert new.filter(due_at__gt=NOW + timedelta(hours=1)).exists()


def test_files_are_stored_and_readable(system):
    for attachment in Attachment.objects.all():
        assert default_storage.size(attachment.key) == attachment.size


def test_values_are_marked_as_examples(system):
    profile = VendorProfile.objects.get()
    assert profile.sample_values
    assert profile.is_demo
    assert not ServiceCalendar.objects.filter(sample=False).exists()


def test_nobody_has_a_password(system):
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_only_recent_mails_wait(system):
    """Events of the last two service days and of today are told, older ones are not."""
    ids = [job.args["event_id"] for job in ProcrastinateJob.objects.filter(task_name="channels.fan_out")]
    since = datetime(2026, 11, 20, tzinfo=NOW.tzinfo)
    told = Ticket.objects.filter(events__in=ids).values_list("events__at", flat=True)
    assert ids
    assert min(told.filter(events__in=ids)) >= since
    main = Ticket.objects.get(title="Doppelte Sollstellung Oktober bereinigen")
    assert main.events.filter(pk__in=ids, kind="offer.send").exists()


def test_contacts_see_their_own_requests_only(seeded):
    """Written as the system, read through isolation and row-level security."""
    with viewing_as(SYSTEM):
        malte = Contact.objects.select_related("user").get(user__name="Malte Jensen")
    viewer = viewer_for(malte.user, NOW.date())
    with viewing_as(viewer):
        assert set(Ticket.objects.values_list("customer", flat=True)) == {malte.customer_id}
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT customer_id FROM tickets_ticket")
            assert cursor.fetchall() == [(malte.customer_id,)]


def test_a_second_run_refuses(seeded):
    with pytest.raises(CommandError, match="not empty"):
        call_command("seed_demo")
    call_command("seed_demo", if_empty=True)
    with viewing_as(SYSTEM):
        assert Ticket.objects.count() == seeded.tickets


@pytest.mark.django_db
def test_not_with_a_database_server(settings):
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="embedded database"):
        call_command("seed_demo", if_empty=True)
    assert demo.is_empty()


@pytest.mark.django_db
def test_a_failure_leaves_nothing(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    broken = finished.INSTALMENTS.__class__(
        **{**vars(finished.INSTALMENTS), "steps": (step(after(5), "Petra Sommer", resolve("Nein", "use_clarified")),)}
    )
    monkeypatch.setattr(demo, "STORIES", (current.TWICE, broken))
    with pytest.raises(Failed, match="Mahnlauf"):
        demo.seed(NOW)
    assert demo.is_empty()
    assert User.objects.count() == 1  # the system's own
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert vendor.current().name == "Klarfall"


@pytest.mark.django_db
def test_an_instant_that_is_none_is_refused():
    with pytest.raises(CommandError, match="ISO 8601"):
        call_command("seed_demo", now="gestern")


@pytest.mark.django_db
def test_a_database_with_a_customer_is_left_alone():
    with viewing_as(SYSTEM):
        Customer.objects.create(number="1", name="Echte Kundin")
    with pytest.raises(CommandError, match="not empty"):
        call_command("seed_demo")
    assert VendorProfile.objects.count() == 0


def test_mails_wait_for_somebody_and_one_has_become_a_request_with_its_picture(system):
    ended = sorted((one.outcome, one.reason) for one in IncomingMail.objects.all())
    assert ended == [
        ("new_ticket", ""),
        ("quarantine", "unknown_person"),
        ("quarantine", "unknown_sender"),
        ("quarantine", "unknown_sender"),
    ]
    copy = MailCopy.objects.select_related("message").get()
    picture = Attachment.objects.get(message=copy.message)
    assert f'src="attachment:{picture.pk}"' in copy.html
    assert copy.remote_images == 1
    assert "Beispielweg 1" in copy.rest
