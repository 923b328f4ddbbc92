"""Jobs of the channels: tell people about events, invitations, codes and granted rights."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import ContactRole
from klarfall.billing.actions.invoices import SEND
from klarfall.billing.invoicing.recipients import billing_viewers
from klarfall.billing.models import CostOffer, Invoice, PersonalLink, SelfAudit
from klarfall.billing.status import OfferStatus
from klarfall.channels import bills, delivery, handover_mail, mail_samples, mail_texts, notices, pace, registering, team
from klarfall.channels.letters import WISHES
from klarfall.channels.models import Notice
from klarfall.contracts.queries import local_day
from klarfall.core import mail
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import enqueue, every, job
from klarfall.core.models import AuditEntry
from klarfall.customers.actions.register import start_registration
from klarfall.customers.models import Contact, Invitation, Registration
from klarfall.customers.registrations import Application
from klarfall.tickets.models import TicketEvent

_REMIND_BEFORE = timedelta(days=2)


@job("channels.fan_out")
def fan_out(*, event_id: int) -> None:
    """Turn one event into notices for the people concerned."""
    event = TicketEvent.objects.select_related("actor").get(pk=event_id)
    notices.fan_out(event, now=timezone.now())


@job("channels.send_sample", queue="mail", retries=2)
def send_sample(*, kind: str, language: str, user_id: int) -> None:
    """Send a mail with invented data to the member of staff who wants to see it in their own mailbox."""
    user = User.objects.get(pk=user_id, kind=Kind.STAFF, is_active=True)
    words = mail_texts.own_words(kind, language)
    written = mail_samples.sample(kind, words, language=language, reader=user, now=timezone.now())
    mail.send(written, mail.Envelope(user.email, user.name, mail.new_message_id()))


@job("channels.deliver", queue="mail", retries=8, own_transactions=True)
def deliver(*, notice_id: int, placed: bool = False) -> None:
    """Send one notice when it is its turn; `placed` where a place was kept for it in this minute."""
    with viewing_as(SYSTEM, fresh=True):
        may_go = delivery.may_go(notice_id, placed=placed, now=timezone.now())
    if may_go:
        with viewing_as(SYSTEM, fresh=True):
            delivery.deliver(notice_id)


@every("*/10 * * * *")
@job("channels.sweep_notices")
def sweep_notices() -> None:
    """Take up notices that were forgotten, and forget domains to which nothing goes any more."""
    delivery.enqueue_lost(timezone.now())
    pace.forget_quiet_domains(timezone.now())


@job("channels.invite")
def invite(*, invitation_id: int) -> None:
    """Send an invitation; its token is made when the mail is written."""
    invitation = Invitation.objects.select_related("contact__user").get(pk=invitation_id)
    notices.tell(
        invitation.contact.user,
        kind="invitation",
        key=f"invitation:{invitation.pk}",
        customer_id=invitation.customer_id,
        data={"invitation": invitation.pk},
        now=timezone.now(),
    )


@job("channels.register", queue="mail", retries=5)
def register(*, number: str, email: str, language: str, token_hash: str) -> None:
    """Begin a registration and mail the way on.

    All of it happens here and not in the request, which takes the same time and says the same whatever was typed.
    """
    application, now = Application(number, email, language, token_hash), timezone.now()
    started = start_registration(application, actor=User.objects.system(), now=now)
    registering.answer(application, started, now)


@job("channels.tell_registration")
def tell_registration(*, registration_id: int) -> None:
    """Ask those who decide about a registration."""
    registration = Registration.objects.select_related("customer").get(pk=registration_id)
    for person in registering.deciders(registration):
        notices.tell(
            person,
            kind="registration_waiting",
            key=f"registration:{registration.pk}:{person.pk}",
            customer_id=registration.customer_id,
            data={"registration": registration.pk},
            now=timezone.now(),
        )


@job("channels.tell_admission")
def tell_admission(*, registration: int, invitation: int | None = None) -> None:
    """Tell somebody that they were let in; with an invitation they get the link to their first password."""
    row = Registration.objects.select_related("contact__user").get(pk=registration)
    data = {"registration": row.pk} | ({"invitation": invitation} if invitation else {})
    notices.tell(
        row.contact.user,
        kind="registration_admitted",
        key=f"admission:{row.pk}",
        customer_id=row.customer_id,
        data=data,
        now=timezone.now(),
    )


@job("channels.tell_refusal", queue="mail", retries=7)
def tell_refusal(*, registration_id: int) -> None:
    """Tell somebody that they were turned away."""
    registering.refuse(Registration.objects.get(pk=registration_id), timezone.now())


@every("37 2 * * *")
@job("channels.sweep_registrations")
def sweep_registrations() -> None:
    """Forget who never finished after a day, and names and addresses of decided registrations after 30 days.

    The audit trail keeps that and by whom it was decided; whoever waits goes on waiting.
    """
    now = timezone.now()
    unfinished = Q(name="", decided_at__isnull=True, expires_at__lt=now - timedelta(days=1))
    Registration.objects.filter(unfinished | Q(decided_at__lt=now - timedelta(days=30))).delete()


@job("channels.send_link_code")
def send_link_code(*, link_id: int) -> None:
    """Send the six-digit code for a personal link to the person of that link; at most one in half a minute."""
    link = PersonalLink.objects.select_related("contact__user", "offer").get(pk=link_id)
    now = timezone.now()
    notices.tell(
        link.contact.user,
        kind="link_code",
        key=f"code:{link.pk}:{int(now.timestamp()) // 30}",
        customer_id=link.customer_id,
        ticket_id=link.offer.ticket_id,
        data={"link": link.pk, "offer": link.offer_id},
        now=now,
    )


@job("channels.send_phone_code")
def send_phone_code(*, offer_id: int, contact_id: int) -> None:
    """Send the code for a decision on the phone to the contact who decides; at most one in half a minute."""
    offer = CostOffer.objects.get(pk=offer_id)
    contact = Contact.objects.select_related("user").get(pk=contact_id, customer_id=offer.customer_id)
    now = timezone.now()
    notices.tell(
        contact.user,
        kind="phone_code",
        key=f"phone-code:{offer.pk}:{contact.pk}:{int(now.timestamp()) // 30}",
        customer_id=offer.customer_id,
        ticket_id=offer.ticket_id,
        data={"offer": offer.pk, "contact": contact.pk},
        now=now,
    )


@job("channels.tell_release")
def tell_release(*, entry_id: int) -> None:
    """Tell the person and the admins of the customer about a granted cost release (domain.md, section 7)."""
    entry = AuditEntry.objects.get(pk=entry_id)
    contact = Contact.objects.select_related("user").get(pk=entry.subject_id)
    admins = Contact.objects.filter(customer_id=contact.customer_id, is_active=True).select_related("user")
    people = [contact, *admins.filter(roles__contains=[ContactRole.CUSTOMER_ADMIN]).exclude(pk=contact.pk)]
    for person in people:
        notices.tell(
            person.user,
            kind="release_granted",
            key=f"release:{entry.pk}:{person.user_id}",
            customer_id=contact.customer_id,
            data={"contact": contact.pk},
            now=timezone.now(),
        )


@job("channels.wish")
def wish(*, kind: str, wish_id: int, status: str) -> None:
    """Tell a contact about a wish of theirs that belongs to no request; once per state of it."""
    asked = WISHES[kind].objects.select_related("contact__user").get(pk=wish_id)
    notices.tell(
        asked.contact.user,
        kind="wish",
        key=f"wish:{kind}:{asked.pk}:{status}",
        customer_id=asked.customer_id,
        data={kind: asked.pk},
        now=timezone.now(),
    )


@job("channels.hand_over", queue="mail", retries=8)
def hand_over(*, kind: str, wish_id: int) -> None:
    """Mail a wish to the team that fulfils it; it belongs to no account, so it is no notice."""
    handover_mail.hand_over(kind, wish_id, now=timezone.now())


@job("channels.tell_self_audit")
def tell_self_audit(*, audit_id: int) -> None:
    """Have every lead told what the self-audit found, each by a mail of their own."""
    for person_id in team.leads().values_list("pk", flat=True):
        key = f"self-audit:{audit_id}:{person_id}"
        enqueue("channels.mail_self_audit", key=key, audit_id=audit_id, person_id=person_id)


@job("channels.mail_self_audit", queue="mail", retries=8)
def mail_self_audit(*, audit_id: int, person_id: int) -> None:
    """Mail the findings of a self-audit to one lead; it belongs to no customer, so it is no notice."""
    team.mail_self_audit(SelfAudit.objects.get(pk=audit_id), User.objects.get(pk=person_id))


@job(SEND)
def send_invoice(*, invoice_id: int, entry_id: int) -> None:
    """Have an invoice mailed to those who view the bills of its customer, and to the address for invoices; once each.

    `entry_id` is the audit entry of this sending: sent again, it is mailed again.
    """
    invoice = Invoice.objects.select_related("customer").get(pk=invoice_id)
    viewers = list(billing_viewers(invoice.customer).select_related("user"))
    for contact in viewers:
        notices.tell(
            contact.user,
            kind=bills.KIND,
            key=f"invoice:{entry_id}:{contact.user_id}",
            customer_id=invoice.customer_id,
            data={"invoice": invoice.pk},
            now=timezone.now(),
        )
    address = invoice.customer.billing_email.lower()
    if address and address not in {contact.user.email.lower() for contact in viewers}:
        enqueue("channels.mail_invoice", key=f"invoice:{entry_id}", invoice_id=invoice.pk, entry_id=entry_id)


@job("channels.mail_invoice", queue="mail", retries=8)
def mail_invoice(*, invoice_id: int, entry_id: int) -> None:
    """Mail an invoice to the address for invoices, which belongs to no user."""
    bills.mail_invoice(Invoice.objects.select_related("customer").get(pk=invoice_id), entry_id)


@every("0 6 * * *")
@job("channels.remind_of_offers")
def remind_of_offers() -> None:
    """Remind those who were asked of cost notices that expire within two days; once each (INV-7)."""
    now = timezone.now()
    today = local_day(now)
    soon = CostOffer.objects.filter(
        status=OfferStatus.SENT, valid_until__range=(today, today + _REMIND_BEFORE), sent_at__lt=now - _REMIND_BEFORE
    )
    for offer in soon:
        asked = Notice.objects.filter(customer_id=offer.customer_id, ticket_id=offer.ticket_id, data__offer=offer.pk)
        for notice in asked.filter(kind__in=("cost_notice", "passed_on")).select_related("recipient"):
            notices.tell(
                notice.recipient,
                kind="offer_expiring",
                key=f"expiring:{offer.pk}:{notice.recipient_id}",
                customer_id=offer.customer_id,
                ticket_id=offer.ticket_id,
                data={"offer": offer.pk},
                now=now,
            )


@job("channels.forget")
def forget(*, person_id: int) -> None:
    """Empty the stored mails to an erased person and about the requests in which they took part (INV-29).

    That a mail was sent, when and to whom by id, stays.
    """
    theirs = TicketEvent.objects.filter(kind="person.erased", data__person=person_id).values("ticket")
    mails = Notice.objects.filter(Q(recipient=person_id) | Q(ticket__in=theirs))
    mails.update(subject="", text="", html="", error="", bounce="")
    Contact.objects.filter(user=person_id).update(mail_failure="")
