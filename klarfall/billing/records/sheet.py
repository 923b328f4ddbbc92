"""A service record in words: the one form from which page, PDF and mail are made, so that they show the same.

Only strings and lists of them, in the active language and time zone. What the content holds as ids is looked up with
the sight of whoever reads: titles, activities, names. An erased person has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts.people import Person, people
from klarfall.billing import line_words, minute_words
from klarfall.billing.cards import clause_label, clause_words
from klarfall.billing.engine import MinuteClass, Why
from klarfall.billing.facts import explain_code
from klarfall.billing.models import CustomerDecision, Goodwill, ServiceRecord, TimeEntry, WorkChannel
from klarfall.billing.vat import OUTSIDE_SCOPE, REVERSE_CHARGE
from klarfall.billing.wording import minutes_text
from klarfall.core import vendor
from klarfall.tickets.models import Assessment, Concern, Ticket
from klarfall.ui.formats import MINUS, day, moment, money, percent, time_of_day

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Consecutive minutes of an entry that are alike: when, how many, what they are, and why."""

    span: str
    minutes: str
    kind: str
    why: str
    billable: bool


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    """One entry of work; `note` says that it was entered late, and why."""

    day: str
    span: str
    minutes: str
    activity: str
    who: str
    note: str
    pieces: list[Piece]


@dataclass(frozen=True, kw_only=True)
class OfferRow:
    """An accepted offer: its terms and what was used of it."""

    title: str
    facts: list[Pair]


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One line of the calculation; `minutes` and `net` with their sign."""

    name: str
    why: str
    minutes: str
    net: str


@dataclass(frozen=True, kw_only=True)
class FreeRow:
    """Minutes that cost nothing, and why."""

    minutes: str
    kind: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """One concern. `meaning` is the outcome of its assessment, "open" without one."""

    title: str
    meaning: str
    verdict: str
    clause: str
    offers: list[OfferRow]
    entries: list[EntryRow]
    free: list[FreeRow]
    lines: list[LineRow]
    goodwill: list[str]
    minutes: str
    net: str
    is_owed: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole record. `figures` are the three that count, `sums` end with the gross amount."""

    title: str
    number: str
    subject: str
    revision: str
    state: str
    is_draft: bool
    facts: list[Pair]
    figures: list[Pair]
    parts: list[Part]
    sums: list[Pair]
    notes: list[str]
    net: str
    gross: str
    #: Who of the customer answered, and when; empty while nobody has.
    answered_by: str
    answered: str


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A stored line as `line_words` wants it."""

    kind: str
    minutes: int
    net: Decimal
    rate: Decimal
    reason: dict[str, Any]
    currency: str


@dataclass
class _Rows:
    """What the ids of a content stand for."""

    concerns: dict[int, Concern] = field(default_factory=dict)
    assessments: dict[int, Assessment] = field(default_factory=dict)
    entries: dict[int, TimeEntry] = field(default_factory=dict)
    decisions: dict[int, CustomerDecision] = field(default_factory=dict)
    goodwill: dict[int, Goodwill] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)

    def name(self, user_id: int | None) -> str:
        person = self.people.get(user_id or 0)
        return person.name if person else _("Erased person")


def sheet_of(
    ticket: Ticket, content: dict[str, Any], *, until: datetime, revision: int, issued: ServiceRecord | None = None
) -> Sheet:
    """The record in words; without `issued` it is a preview. At most six queries however long it is."""
    rows = _rows(ticket, content, issued)
    totals, currency = content["totals"], content["currency"]
    words = _Words(rows, currency, mixed=len(content["concerns"]) > 1)
    number = f"{vendor.current().number_prefix}-{ticket.number}"
    return Sheet(
        title=_("Service record"),
        number=number,
        subject=ticket.title,
        revision=_("Revision %(number)s") % {"number": revision},
        state=str(issued.get_status_display()) if issued else _("Preview, not issued"),
        is_draft=issued is None,
        facts=_facts(ticket, rows, number=number, until=until, issued=issued),
        figures=[
            (_("Worked, exact"), minutes_text(totals["worked"])),
            (_("Billed"), minutes_text(totals["billed"])),
            (_("Net"), money(Decimal(totals["net"]), currency)),
        ],
        parts=[words.part(one) for one in content["concerns"]],
        sums=_sums(totals, currency),
        notes=_notes(totals),
        net=money(Decimal(totals["net"]), currency),
        gross=money(Decimal(totals["gross"]), currency),
        answered_by=rows.name(issued.answered_by.user_id) if issued and issued.answered_by else "",
        answered=moment(issued.answered_at) if issued else "",
    )


def _rows(ticket: Ticket, content: dict[str, Any], issued: ServiceRecord | None) -> _Rows:
    concerns = content["concerns"]
    entries = [entry for one in concerns for entry in one["entries"]]
    assessed = [one["assessment"]["id"] for one in concerns if one["assessment"]]
    decided = [offer["decision"] for one in concerns for offer in one["offers"]]
    granted = [grant["id"] for one in concerns for grant in one["goodwill"]]
    assessments = _by_id(Assessment.objects.select_related("item", "concern"), assessed)
    known = {one.concern_id: one.concern for one in assessments.values()}
    unassessed = [one["id"] for one in concerns if one["id"] not in known]
    decisions = CustomerDecision.objects.select_related("contact")
    rows = _Rows(
        concerns=known | _by_id(Concern.objects.all(), unassessed),
        assessments=assessments,
        entries=_by_id(TimeEntry.objects.all(), [entry["id"] for entry in entries]),
        decisions=_by_id(decisions, decided),
        goodwill=_by_id(Goodwill.objects.all(), granted),
    )
    wanted = {entry["agent"] for entry in entries} | {ticket.contact.user_id}
    wanted |= {one.contact.user_id for one in rows.decisions.values()}
    wanted |= {one.granted_by_id for one in rows.goodwill.values()}
    if issued is not None:
        wanted |= {issued.issued_by_id, issued.answered_by.user_id if issued.answered_by else None}
    rows.people = people(wanted)
    return rows


def _by_id(rows: Any, ids: Iterable[int]) -> dict[int, Any]:
    wanted = list(ids)
    return {row.pk: row for row in rows.filter(pk__in=wanted)} if wanted else {}


def _facts(ticket: Ticket, rows: _Rows, *, number: str, until: datetime, issued: ServiceRecord | None) -> list[Pair]:
    facts = [
        (_("Company"), ticket.customer.name),
        (_("Customer number"), ticket.customer.number),
        (_("Request"), f"{number}: {ticket.title}"),
        (_("Asked by"), rows.name(ticket.contact.user_id)),
    ]
    if issued is None:
        return [*facts, (_("As of"), moment(until))]
    by = rows.name(issued.issued_by_id)
    return [*facts, (_("Issued"), _("%(when)s by %(name)s") % {"when": moment(issued.issued_at), "name": by})]


def _sums(totals: dict[str, Any], currency: str) -> list[Pair]:
    sums = [(_("Net"), money(Decimal(totals["net"]), currency))]
    for one in totals["vat"]:
        label = _("%(percent)s VAT") % {"percent": _rate(one)}
        if len(totals["vat"]) > 1:
            label = _("%(vat)s on %(net)s") % {"vat": label, "net": money(Decimal(one["net"]), currency)}
        sums.append((label, money(Decimal(one["vat"]), currency)))
    return [*sums, (_("Total with VAT"), money(Decimal(totals["gross"]), currency))]


def _rate(one: dict[str, Any]) -> str:
    """A VAT rate without needless zeros: `19 %`."""
    return percent(Decimal(one["percent"]).normalize())


def _notes(totals: dict[str, Any]) -> list[str]:
    """What is to be known about the amounts: VAT is that of the bill (rule 8)."""
    categories = {one["category"] for one in totals["vat"]}
    if not categories:
        return [_("No costs have arisen. Reviewing and assessing are always free of charge.")]
    notes = [_("VAT is computed for this record; binding is the VAT of the bill.")]
    if REVERSE_CHARGE in categories:
        notes.append(_("Reverse charge: the recipient of the service owes the VAT."))
    if OUTSIDE_SCOPE in categories:
        notes.append(_("Not subject to domestic VAT."))
    return notes


@dataclass(frozen=True)
class _Words:
    """Words for the concerns of one content."""

    rows: _Rows
    currency: str
    mixed: bool

    def part(self, one: dict[str, Any]) -> Part:
        concern, verdict = self.rows.concerns.get(one["id"]), one["assessment"]
        assessment = self.rows.assessments.get(verdict["id"]) if verdict else None
        clause = f"{clause_label(assessment.item)}: {clause_words(assessment.item)[0]}" if assessment else ""
        values = {"exact": minutes_text(one["exact"]), "billed": minutes_text(one["billed"])}
        return Part(
            title=concern.title if concern and self.mixed else "",
            meaning=verdict["outcome"] if verdict else "open",
            verdict=_verdict(verdict["outcome"] if verdict else ""),
            clause=clause,
            offers=[self._offer(offer) for offer in one["offers"]],
            entries=[self._entry(entry) for entry in one["entries"]],
            free=[self._free(free) for free in one["free"]],
            lines=[self._line(line, one) for line in one["lines"]],
            goodwill=[self._grant(grant["id"]) for grant in one["goodwill"]],
            minutes=_("%(exact)s exact, %(billed)s billed") % values if one["exact"] else _("Nothing is billed."),
            net=money(Decimal(one["net"]), self.currency),
            is_owed=bool(one["lines"]),
        )

    def _offer(self, one: dict[str, Any]) -> OfferRow:
        decision = self.rows.decisions.get(one["decision"])
        when = moment(datetime.fromisoformat(one["accepted_at"]))
        name = self.rows.name(decision.contact.user_id if decision else None)
        net = one["cap_net"]
        caps = [minutes_text(one["cap_minutes"])] if one["cap_minutes"] is not None else []
        caps += [money(Decimal(net), self.currency)] if net is not None else []
        facts = [
            (_("Accepted"), _("%(when)s by %(name)s") % {"when": when, "name": name}),
            (_("Rate"), _("%(rate)s an hour, net") % {"rate": money(Decimal(one["rate"]), self.currency)}),
            (_("Rounding"), _rule(one["increment"], one["minimum"])),
            (_("Cap"), _(" and ").join(caps)),
            (_("Exact minutes"), minutes_text(one["exact"])),
            (_("Billed minutes"), minutes_text(one["billed"])),
            (_("Net"), money(Decimal(one["net"]), self.currency)),
        ]
        return OfferRow(title=_("Cost notice %(number)s") % {"number": one["number"]}, facts=facts)

    def _entry(self, one: dict[str, Any]) -> EntryRow:
        entry, start = self.rows.entries.get(one["id"]), datetime.fromisoformat(one["start"])
        name = self.rows.name(one["agent"])
        way = str(WorkChannel(one["channel"]).label) if one["channel"] not in ("", WorkChannel.INTERNAL) else ""
        late = _("entered late: %(reason)s") % {"reason": entry.late_reason} if entry and one["late"] else ""
        return EntryRow(
            day=day(start),
            span=_span(one),
            minutes=str(one["minutes"]),
            activity=entry.activity if entry else "",
            who=", ".join(filter(None, [name, way])),
            note=late,
            pieces=[_piece(part) for part in one["parts"]],
        )

    def _free(self, one: dict[str, Any]) -> FreeRow:
        return FreeRow(
            minutes=str(one["minutes"]),
            kind=minute_words.words(MinuteClass(one["class"])),
            why=explain_code(Why(one["why"])),
        )

    def _line(self, one: dict[str, Any], concern: dict[str, Any]) -> LineRow:
        line = _Line(
            kind=one["kind"],
            minutes=one["minutes"],
            net=Decimal(one["net"]),
            rate=Decimal(one["rate"]),
            reason={"figures": one["figures"]},
            currency=self.currency,
        )
        name = line_words.kind_label(line.kind)
        if len(concern["offers"]) > 1:
            offer = next((offer["number"] for offer in concern["offers"] if offer["id"] == one["offer"]), "")
            name = _("%(kind)s, cost notice %(number)s") % {"kind": name, "number": offer}
        if len({other["percent"] for other in concern["lines"]}) > 1:
            name = f"{name} ({_rate(one)})"
        return LineRow(
            name=name,
            why=line_words.explain_line(line),
            minutes=_signed(str(line.minutes)) if line.minutes else "",
            net=_signed(money(line.net, self.currency)),
        )

    def _grant(self, pk: int) -> str:
        grant = self.rows.goodwill.get(pk)
        return line_words.explain_grant(grant, self.rows.name(grant.granted_by_id)) if grant else ""


def _signed(number: str) -> str:
    """A number with a true minus, as columns of figures want it."""
    return number.replace("-", MINUS)


def _verdict(outcome: str) -> str:
    return {
        "covered": _("Covered by the contract"),
        "chargeable": _("Chargeable"),
        "not_offered": _("Not part of product support"),
    }.get(outcome, _("Not assessed yet"))


def _rule(increment: int, minimum: int) -> str:
    """The rule of the increment; never "per started quarter of an hour" (section 9)."""
    if increment == 1 and not minimum:
        return _("billed to the minute")
    values = {"increment": increment, "minimum": minimum}
    if minimum > increment:
        return _("added up, rounded up once to %(increment)s minutes, at least %(minimum)s") % values
    return _("added up, rounded up once to %(increment)s minutes") % values


def _span(one: dict[str, Any]) -> str:
    start, end = (time_of_day(datetime.fromisoformat(one[name])) for name in ("start", "end"))
    return f"{start}–{end}"


def _piece(one: dict[str, Any]) -> Piece:
    return Piece(
        span=_span(one),
        minutes=str(one["minutes"]),
        kind=minute_words.words(MinuteClass(one["class"])),
        why=explain_code(Why(one["why"])),
        billable=one["class"] == MinuteClass.BILLABLE,
    )
