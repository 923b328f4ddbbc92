"""Whether a machine wrote a mail (RFC 3834): such mails open nothing and are never answered."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from klarfall.incoming.parsing.parsed import ParsedMail

#: `Precedence` of mails that nobody wrote to us alone.
_BULK = ("bulk", "junk", "list", "auto_reply", "auto-reply")
#: Headers that only automatic replies have, whatever stands in them but *no*.
_VACATION = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply", "x-vacation",
             "x-cron-env", "x-auto-reply", "x-fc-machinegenerated", "x-amazon-mail-relay-type")  # fmt: skip
_NO = ("", "no", "none", "false", "0", "null")
_MAILERS = re.compile(r"vacation|auto-?respond|auto-?repl|mailsystem autoreply|out.?of.?office")
#: Headers of newsletters beside List-Unsubscribe: a person who writes through a discussion group sends none of them.
_NEWSLETTER = ("feedback-id", "x-csa-complaints", "x-campaign", "x-campaignid", "x-mailgun-tag", "x-mc-user", "x-job",
               "x-report-abuse", "list-unsubscribe-post", "x-mailer-recptid", "x-sg-eid", "x-newsletter")  # fmt: skip
_BOUNCERS = ("mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "mailerdaemon")
_PREFIX = re.compile(r"^\s*((re|aw|antw|fwd?|wg)\s?(\[\d+\])?\s?:\s*)+", re.IGNORECASE)

#: Subjects of automatic replies: the whole beginning up to a colon, or the whole subject.
_AUTO_SUBJECT = re.compile(
    r"(automatische (antwort( auf(?=\s?:))?|abwesenheitsnotiz|r(ü|ue)ckantwort"
    r"|empfangsbest(ä|ae)tigung|eingangsbest(ä|ae)tigung|mitteilung)"
    r"|(eingangs|empfangs)best(ä|ae)tigung (ihrer|deiner) (anfrage|nachricht|e-?mail|mail)( \S{0,20}\d\S{0,20})?"
    r"|abwesenheits(notiz|nachricht|meldung|info|assistent|benachrichtigung)|abwesenheitsagent"
    r"|automatisch (generierte|erstellte) (antwort|nachricht|e-?mail)|automatische e-?mail-antwort"
    r"|urlaubs(notiz|(be)?nachricht(igung)?)"
    r"|autoreply|auto[- ]reply|auto-?antwort"
    r"|automatic (reply|response)|automated reply|auto[- ]?response|out of (the )?office( auto-?reply| reply| notice)?"
    r"|out-of-office( reply)?|vacation (reply|notice)|ooo|nicht im (b(ü|ue)ro|haus)|au(ß|ss)er haus"
    r"|r(é|e)ponse automatique|abs(ence|ent) du bureau|message d'absence"
    r"|automatisch antwoord|risposta automatica|respuesta automática)"
    r"(\s?:|$|\s?\[| (re|aw): | ist außer| von [\w. -]{2,60}$)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(abwesend|abwesenheit|im urlaub|on (vacation|leave)|away from (the |my )?(office|desk|e?-?mail)"
    r"|abwesenheit (von|vom|bis) .{1,60}"
    r"|(ich bin|i am|i'm) (bis .{1,20} )?(nicht im b(ü|ue)ro|out of (the )?office|im urlaub))\W*$",
    re.IGNORECASE,
)
#: *Abwesenheit: …* may be about a tenant; only where the text says the same of its writer.
_PERHAPS_AWAY = re.compile(
    r"\[?(abwesend|abwesenheit|urlaub|betriebsferien|absent|absence|out of (the )?office|away"
    r"|(i am|i'm|ich bin) (nicht im b(ü|ue)ro|im urlaub|out of (the )?office|on vacation))(\s?[:\]]| (re|aw)\s?:)",
    re.IGNORECASE,
)
_I_AM_AWAY = re.compile(
    r"\b(ich bin|wir sind|i am|i'm|i will be|je suis|nous sommes)\b(?:\d\.|[^.?!\n]){0,100}"
    r"(nicht im b(ü|ue)ro|au(ß|ss)er haus|abwesend|urlaub|out of (the )?office|away|on (vacation|leave)"
    r"|absente?s?\b|en congés?|nicht erreichbar|geschlossen)",
    re.IGNORECASE,
)
#: *Bernd Brühl ist außer Haus*: only of a sender of this name; about others, a person writes it.
_SOMEBODY_AWAY = re.compile(
    r"([\w.,' -]{2,60}) (ist|is) (derzeit |currently |momentan |bis [\d.]+ )?(nicht im b(ü|ue)ro|au(ß|ss)er haus"
    r"|abwesend|out of (the )?office|im urlaub|on vacation)( \(?(bis|until|vom) .{1,60})?\W*$",
    re.IGNORECASE,
)
_ABSENT = re.compile(r"au(ß|ss)er haus|out of (the )?office|nicht im b(ü|ue)ro|abwesend|is away", re.IGNORECASE)
#: A whole subject that may be a question about such letters, too; only where the text thanks or says it of our mail.
_PERHAPS_OF_REQUEST = re.compile(
    r"(eingangs|empfangs)best(ä|ae)tigung|acknowledge?ment of receipt|confirmation of receipt", re.IGNORECASE
)
_OF_REQUEST = re.compile(
    r"(vielen dank|danke|thank you|thanks) (für|for) (ihre|deine|your) "
    r"(anfrage|nachricht|e-?mail|mail|message|request|inquiry|enquiry)"
    r"|(ihre|deine|your) (anfrage|nachricht|e-?mail|mail|message|request) (ist|wurde|haben wir|has been|was)\b"
    r".{0,60}(eingegangen|erhalten|received)",
    re.IGNORECASE,
)
_RECEIPT_SUBJECT = re.compile(
    r"(gelesen|read|nicht gelesen|ungelesen gel(ö|oe)scht|not read|lesebest(ä|ae)tigung|read receipt|return receipt"
    r"|empfangsbest(ä|ae)tigung|lu|non lu)( \(.{1,20}\))?\s?(:|- |$)",
    re.IGNORECASE,
)
_RECEIPT_TEXT = re.compile(
    r"(wurde|was|hat|has been|a été|dies ist eine|this is a).{0,300}"
    r"(gelesen|read|gel(ö|oe)scht|deleted|displayed|angezeigt|lu |empfangsbest|receipt|geöffnet)",
    re.IGNORECASE | re.DOTALL,
)
_REPORT_SUBJECT = re.compile(
    r"(undelivered mail returned to sender|undeliverable|unzustellbar|delivery status notification|delivery failure"
    r"|delivery has failed|mail delivery (failed|failure|system|subsystem|error)"
    r"|returned mail|failure notice|warning: message"
    r"|delivery delayed|nicht zugestellt|fehler bei der (mail)?zustellung"
    r"|nachricht (nicht zugestellt|unzustellbar)|zustellung verz(ö|oe)gert"
    r"|non remis|(é|e)chec de (la )?remise|mail could not be delivered|message not delivered)\b",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class Signs:
    """What a mail itself says about a machine, by a code; empty where it says nothing. `report` counts first."""

    #: `report` or `receipt`.
    report: str = ""
    other: str = ""


def signs_of(mail: ParsedMail) -> Signs:
    """This function will find what needs no knowledge of our own addresses: nearly all of the work."""
    return Signs(_report_or_receipt(mail), _automatic(mail) or _distributed(mail) or _by_subject(mail))


def machine_reason(
    mail: ParsedMail, own_addresses: Collection[str], *, null_sender: bool = False, signs: Signs | None = None
) -> str:
    """This function will say by a code why a mail is none of a person; empty for a person.

    `report`, `receipt`, `own_address`, `auto_submitted`, `vacation`, `precedence`, `list`, `auto_subject`,
    `null_sender`.
    `null_sender`: the envelope was known and named no sender, as those of automatic mails do (RFC 3834, 3).
    `signs`: those of the mail, where they are known already.
    Monitoring and no-reply senders without any such sign count as persons: their mails may open a ticket.
    """
    signs = signs or signs_of(mail)
    return signs.report or _own(mail, own_addresses) or signs.other or ("null_sender" if null_sender else "")


def _value(mail: ParsedMail, name: str) -> str:
    return mail.header(name).strip().lower()


def _report_or_receipt(mail: ParsedMail) -> str:
    content_type = _value(mail, "content-type").replace(" ", "")
    if mail.is_receipt or "report-type=disposition-notification" in content_type.replace('"', ""):
        return "receipt"
    local = mail.sender.address.partition("@")[0]
    fails = _REPORT_SUBJECT.match(mail.subject[:300])
    reports = "report-type=delivery-status" in content_type.replace('"', "") or _value(mail, "x-failed-recipients")
    if mail.report or reports or local in _BOUNCERS[:1] + _BOUNCERS[2:]:
        return "report"
    if _returns_nowhere(mail) and (local in _BOUNCERS or not mail.sender.address or fails):
        return "report"
    return "report" if local in _BOUNCERS and fails else ""


def _returns_nowhere(mail: ParsedMail) -> bool:
    return "return-path" in mail.headers and _value(mail, "return-path") in ("", "<>")


def _own(mail: ParsedMail, own_addresses: Collection[str]) -> str:
    """A mail from one of our own addresses, also under a reply token (`support+token@`), goes in a circle."""
    sender = re.sub(r".*<|>.*", "", _value(mail, "sender")[:1000])
    own = {address.lower() for address in own_addresses}
    return "own_address" if any(_plain(each) in own or each in own for each in (mail.sender.address, sender)) else ""


def _plain(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _automatic(mail: ParsedMail) -> str:
    submitted = _value(mail, "auto-submitted").partition(";")[0].strip()
    if submitted not in _NO:
        return "auto_submitted"
    if any(_value(mail, name) not in _NO for name in _VACATION) or _MAILERS.search(_value(mail, "x-mailer")[:200]):
        return "vacation"
    # Exchange writes X-Auto-Response-Suppress on ordinary mails, too (`OOF`, `DR`), and programs write `All` on notices
    # that ask for a person: only as the answer to a mail it is the sign of an automatic one.
    suppresses_all = "all" in _value(mail, "x-auto-response-suppress").split(",")
    return "auto_submitted" if suppresses_all and mail.in_reply_to and not _PREFIX.match(mail.subject) else ""


def _distributed(mail: ParsedMail) -> str:
    if _value(mail, "precedence") in _BULK and not _is_discussion(mail):
        return "list" if _value(mail, "list-id") else "precedence"
    if not _value(mail, "list-unsubscribe"):
        return ""
    answers = bool(mail.in_reply_to) and bool(_PREFIX.match(mail.subject)) and not _is_newsletter(mail)
    return "" if answers or _is_discussion(mail) else "list"


def _is_discussion(mail: ParsedMail) -> bool:
    """A person wrote through a group: it can be posted to, and no sender of newsletters left its marks."""
    posts = "mailto:" in _value(mail, "list-post") or "x-google-group-id" in mail.headers
    return posts and not _is_newsletter(mail)


def _is_newsletter(mail: ParsedMail) -> bool:
    return any(name in mail.headers for name in _NEWSLETTER)


def _by_subject(mail: ParsedMail) -> str:
    subject = mail.subject[:300].strip()
    text = mail.text[:2000]
    if _RECEIPT_SUBJECT.match(subject) and (not text.strip() or _RECEIPT_TEXT.search(text)):
        return "receipt"
    says_it_came = _PERHAPS_OF_REQUEST.fullmatch(subject) and _OF_REQUEST.search(text[:500])
    if _AUTO_SUBJECT.match(subject) or _AWAY.match(subject) or says_it_came or _is_away(mail, subject, text):
        return "auto_subject"
    # *Auto: Fahrtkosten* is about a car.
    answers = mail.in_reply_to or mail.references or _PREFIX.match(subject[5:]) or _ABSENT.search(subject)
    if subject[:5].lower() == "auto:" and answers:
        return "auto_subject"
    return "null_sender" if _returns_nowhere(mail) else ""


def _is_away(mail: ParsedMail, subject: str, text: str) -> bool:
    if _PERHAPS_AWAY.match(subject) and _I_AM_AWAY.search(text[:500]):
        return True
    away = _SOMEBODY_AWAY.match(subject)
    names = set(re.findall(r"\w{3,}", mail.sender.name[:200].lower()))
    return bool(away) and bool(names & set(re.findall(r"\w{3,}", away.group(1).lower() if away else "")))
