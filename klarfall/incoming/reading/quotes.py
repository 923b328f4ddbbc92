"""Which lines of a mail begin a quote, a forward or a signature, in the words of the usual mail programs."""

import re
from collections.abc import Sequence

#: Longer lines begin nothing: no mail program writes such a line, and the patterns below must not see a megabyte.
LONGEST = 400
#: A header block of a quoted mail ends after so many lines at the latest.
BLOCK = 14

#: What a line must hold so that it can begin anything at all: cheap, since it is asked of every line.
_BEGINNINGS = re.compile(
    r"--|\s{0,4}(an|to|pour)\s{0,4}$|[-\s*]{0,10}(am|on|le|il|el|op|em|den)\s.{0,60}\d"
    r"|[\s*_#]{0,10}(von|from|de|gesendet|sent|date|datum|an|to|expéditeur|absender|da|van)[*_\s]{0,10}:"
)
_WORDS = (
    *("schrie", "wrote", "écrit", "scritto", "escribi", "schreef", ">:", "urspr", "original", "message", "mensaje"),
    *("weitergeleitet", "forwarded", "transf", "réexp", "dieser zeile", "dieser linie", "this line", "cette ligne"),
    *(
        "virenfrei",
        "virus-free",
        "gesendet",
        "sent ",
        "envoy",
        "geschickt",
        "verschickt",
        "outlook",
        "avast",
        "oorspronk",
    ),
)
#: Marks of the direction of writing: some programs begin the line above a quote with one.
_UNSEEN = "\u200e\u200f\u200b\ufeff"
_MARKS = rf"[\s*_#{_UNSEEN}]*"
#: Names of header lines above quoted mails → what they say.
_KINDS = {
    "from": ("von", "from", "de", "expéditeur", "da", "van", "mittente", "absender"),
    "sent": (
        *("gesendet", "datum", "sent", "date", "envoyé", "envoye", "envoyé le", "date d'envoi", "gesendet am"),
        *("inviato", "data", "enviado", "fecha", "verzonden"),
    ),
    "to": ("an", "to", "à", "a", "pour", "para", "aan", "empfänger", "destinataire"),
    "copy": ("cc", "kopie", "copie", "bcc", "copy to", "kopie an", "blindkopie"),
    "subject": ("betreff", "subject", "objet", "oggetto", "asunto", "onderwerp", "thema"),
    "other": ("antwort an", "reply-to", "antworten an", "priorität", "wichtigkeit", "importance", "organisation"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}
_HEADER = re.compile(rf"{_MARKS}([A-Za-zÀ-ÿ' -]{{1,16}}?){_MARKS}\s?:(.*)$")
#: The whole block in one line, where HTML became text badly.
_IN_ONE_LINE = re.compile(
    r"(von|from|de)\s?: .{1,120} (gesendet|sent|envoyé|datum|date)\s?: .{0,40}\d.{1,60} (an|to|à)\s?: .{1,160}"
    r"(betreff|subject|objet)\s?:"
)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./]\d{1,2}[./]\d{2}")

_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}(?!\d|\.\d)")

_OPENERS = ("am ", "on ", "le ", "il ", "el ", "op ", "em ", "den ", "----- am ", "----- on ", "----- le ")
_VERBS = (" schrieb", " wrote", " a écrit", " ha scritto", " escribió", " schreef", " escreveu", "geschrieben")
#: *Am 12.1. um 10:11 schrieb ich Ihnen:* is a sentence of a person.
_PERSONS = re.compile(
    r"\b(schrieb(en)? (ich|wir|sie|er|mir|uns|man)|(ich|wir|i|we|you|they|he|she|j'|nous)\b.{0,20}"
    r"(schrieb|wrote|geschrieben|écrit)|wrote (me|you|us)|habe ich|haben wir|hatte ich)\b"
)
_NAME_FIRST = re.compile(r"(schrieb am|wrote on|a écrit le|hat am|schrieb:)\s?.{0,80}:?$")
_NOTES = re.compile(r"-{3,8}\s?.{1,160}\b(schrieb|wrote|a écrit)\s?:?\s?-{3,8}$")
_OLD_GMAIL = re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d? \d\d?:\d\d .{0,20}.{1,120}<[^<>\s]+@[^<>\s]+>:$")

_SEPARATOR = re.compile(
    r"[-_=*\s]{0,30}-{2,12}\s?(urspr(ü|ue)ngliche (nachricht|mail|e-mail)|original[- ]?(nachricht|message|mail|meldung)"
    r"|message d'origine|message original|messaggio originale|mensaje original|oorspronkelijk bericht"
    r"|antwort bitte oberhalb dieser zeile|reply above this line)\b.{0,80}-{2,12}\s*$"
)
#: GroupWise: `>>> Name <name@domain> 23.11.2026 10:11 >>>`.
_GROUPWISE = re.compile(r">>> .{1,200}\d[.:]\d\d\b.{0,20} >>>$")
_MARKER = re.compile(
    r".{0,40}(bitte .{0,20}(oberhalb|über) dieser (zeile|linie)|(type|write)? ?(your )?reply above this line"
    r"|répondre au-dessus de cette ligne)"
)
_FORWARD = re.compile(
    r"[-_\s]{0,30}(weitergeleitete (nachricht|mail|e-mail)|forwarded (message|by .{0,80})"
    r"|message transféré|message transmis|weitergeleitet von .{0,80}"
    r"|anfang der weitergeleiteten (nachricht|e-mail|mail)|begin forwarded message"
    r"|début du message (réexpédié|transféré))\s?:?[-_\s]{0,30}$"
)
_RULE = re.compile(r"\s*(_{10,}|-{20,}|={20,}|\*{20,})\s*$")

_PROGRAM = (
    r"(meinem|meiner|my|mon|ma|mein)\s.{0,60}|outlook( mobile)?( for| für| pour| on| auf)?.{0,20}"
    r"|mail (für|for|pour) windows.{0,10}|yahoo.{0,30}|samsung.{0,30}|.{0,30}\bmail[- ]app.{0,20}|(der )?.{0,30}app"
    r"|proton ?mail.{0,30}|.{0,20}mobile|.{0,30}(smartphone|handy|tablet|iphone|ipad|blackberry).{0,20}|k-9.{0,20}"
)
_MOBILE = re.compile(
    rf"\W{{0,3}}((gesendet|sent|envoyé|versendet|verschickt|von unterwegs gesendet)"
    rf"\s(von|mit|aus|from|with|via|using|de|depuis|à partir de)\s({_PROGRAM})"
    r"|von (meinem|meiner|mein)\s.{1,60}\s(gesendet|geschickt|verschickt)|von samsung mobile gesendet"
    r"|(diese nachricht wurde|this message was|envoyé) .{0,80}(gesendet|sent|android|k-9).{0,40}"
    r"|(get|holen sie sich|hol dir|télécharger|laden sie) outlook .{0,60}|outlook (für|for|pour) \w+ .{0,60}"
    r"|outlook für \w+\s?(<?https?://[^\s>]{1,120}>?)? (beziehen|laden|herunterladen)"
    r"|outlook-app für \w+ .{0,40}|(von unterwegs|mobil) gesendet.{0,40}|sent from mobile"
    r"|virenfrei\.\s?www\..{0,40}|virus-free\.\s?www\..{0,40}|diese e-mail wurde von avast.{0,80})\W{0,3}"
    r"(<?https?://[^\s>]{1,120}>?)?\W{0,3}$"
)
_POINTS_BELOW = re.compile(
    r"siehe (weiter )?unten|s\. ?u\.|s\. unten|weiter unten|unten (im|in|direkt|stehend|eingefügt)|unten stehen|inline"
    r"|direkt im text|im text (unten|beantwortet|kommentiert)|in (rot|blau|grün|farbe|red|blue|green)\b|rot markiert"
    r"|see below|below in|comments below|answers below|ci-dessous|en rouge|en bleu"
)


def is_quoted(line: str) -> bool:
    """`> text`, as replies mark lines of the other."""
    return line[:1] == ">" or line[:4].lstrip(" \xa0")[:1] == ">"


def may_begin(line: str) -> bool:
    """Whether it is worth looking at the line: nearly no line of a person is."""
    if is_quoted(line):
        return True
    if len(line) > LONGEST or not line:
        return False
    low = line.lower().lstrip(_UNSEEN)
    return bool(_BEGINNINGS.match(low)) or low.rstrip().endswith(":") or any(word in low for word in _WORDS)


def small(line: str) -> str:
    """The line in small letters for comparing; empty where it is too long to begin anything."""
    return " ".join(line.lower().split()).lstrip(_UNSEEN) if len(line) <= LONGEST else ""


def header_kind(line: str) -> str:
    """from, sent, to, copy, subject or other where the line looks like a header of a quoted mail; else empty."""
    if len(line) > LONGEST or ":" not in line[:40]:
        return ""
    found = _HEADER.match(line)
    return _KIND_OF.get(found.group(1).strip().lower(), "") if found else ""


def header_block(lines: Sequence[str], start: int) -> int:
    """The length of the block `Von: / Gesendet: / An: / Betreff:` that begins in the line; 0 where none does.

    Sender and date must be there, and one more; lines between them may continue the one before (long lists of
    recipients) or be empty (HTML as text).
    """
    if header_kind(lines[start]) not in ("from", "sent", "to", "subject"):
        return 0
    if _IN_ONE_LINE.match(small(lines[start])):
        return 1
    kinds: set[str] = set()
    end = start
    for at in range(start, min(start + BLOCK, len(lines))):
        kind = header_kind(lines[at])
        if kind in kinds or (not kind and at - end > 2):  # noqa: PLR2004 - two lines may continue or be empty
            break
        if kind:
            if kind == "sent" and not _TIME.search(" ".join(lines[at : at + 2])[:LONGEST]):
                return 0
            kinds.add(kind)
            end = at
    enough = {"from", "sent"} <= kinds and len(kinds) > 2  # noqa: PLR2004 - and one more
    return end - start + 1 if enough and _is_of_mail(lines[start : end + 1]) else 0


def _is_of_mail(block: Sequence[str]) -> bool:
    """An address or a time of day: *Von: / An: / Datum: 1.12.2026 / Betreff:* is a letter that somebody describes."""
    return any("@" in line or "/" in line or _CLOCK.search(line[:LONGEST]) for line in block)


def old_notes_block(lines: Sequence[str], at: int) -> int:
    """Where the block of old Notes begins, in whose middle a line is *An* and nothing else; -1 where it is none.

    Name, date, *An*, addresses, *Kopie*, *Thema*: each word in a line of its own.
    """
    if small(lines[at]) not in ("an", "to", "pour"):
        return -1
    below = {small(line) for line in lines[at + 1 : at + 10]}
    dated = [above for above in range(max(at - 4, 0), at) if _TIME.search(lines[above][:LONGEST])]
    if not dated or not below & {"thema", "subject", "betreff", "objet"}:
        return -1
    named = dated[0] - 1 if dated[0] and lines[dated[0] - 1].strip() else dated[0]
    return named


def introduces(line: str) -> bool:
    """A line that may stand above marked lines of a quote only: it names a sender or a time and ends in a colon."""
    text = small(line)
    return text.endswith(":") and ("@" in text or bool(re.search(r"\d{1,2}:\d{2}", text))) and not _PERSONS.search(text)


def attribution(lines: Sequence[str], start: int) -> int:
    """The number of lines (1 to 3) of `Am … schrieb …:` that begins in the line; 0 where none does."""
    first = small(lines[start])
    if not first.strip("-_=*. ") or not (first[0].isalnum() or first[0] in "-\"'<>«„*"):
        return 0
    joined = ""
    for count in range(1, 4):
        line = small(lines[start + count - 1]) if start + count <= len(lines) else ""
        if not line:
            return 0
        joined = f"{joined} {line}".strip()
        if joined.endswith((":", "-", ": -----")) and _attributes(joined):
            return count
    return 0


def _attributes(text: str) -> bool:
    if _NOTES.match(text) or _OLD_GMAIL.match(text):
        return True
    if not text.endswith(":") or not any(verb in text for verb in _VERBS) or _PERSONS.search(text):
        return False
    certain = "@" in text or bool(_TIME.search(text))
    return certain and (text.startswith(_OPENERS) or bool(_NAME_FIRST.search(text)))


def is_separator(line: str) -> bool:
    """`-----Ursprüngliche Nachricht-----` and `please answer above this line`: all below is of the other."""
    text = small(line)
    if not any(letter.isalpha() for letter in text):
        return False
    return bool(text) and bool(_SEPARATOR.match(text) or _MARKER.match(text) or is_groupwise(line))


def is_groupwise(line: str) -> bool:
    """The line of GroupWise above a quote without marks, though it looks like a marked one."""
    return line.startswith(">>> ") and bool(_GROUPWISE.match(small(line)))


def is_forward(line: str) -> bool:
    """`---------- Forwarded message ---------`: what follows was sent on purpose."""
    text = small(line)
    return bool(text) and bool(_FORWARD.match(text))


def is_rule(line: str) -> bool:
    """A line of underscores or dashes, as Outlook puts above the quoted mail."""
    return bool(_RULE.match(line[:LONGEST]))


def is_mobile(line: str) -> bool:
    """`Von meinem iPhone gesendet` and other advertising of mail programs."""
    text = small(line)
    return 8 < len(text) < 240 and bool(_MOBILE.match(text))  # noqa: PLR2004 - no such line is shorter or longer


def points_below(text: str) -> bool:
    """The new text says that answers stand in the quote: then the quote must be shown."""
    return bool(_POINTS_BELOW.search(text.lower()))
