"""The words people agree to before a remote session: those in force, and the proof which ones were shown."""

from datetime import datetime
from hashlib import sha256

from klarfall.contracts.models import RemoteConsentText

GERMAN = """Eine namentlich genannte Fachkraft sieht während der Sitzung Ihren Bildschirm und kann, wenn Sie es im \
Werkzeug erlauben, Maus und Tastatur mitbenutzen. Sie sehen jederzeit, was geschieht.

Bitte schließen Sie vorher alles, was nicht zu Ihrer Anfrage gehört. Geben Sie keine Kennwörter preis; wir fragen nie \
danach. Wir zeichnen die Sitzung nicht auf und übertragen keine Dateien, ohne Sie vorher zu fragen.

Was wir dabei an personenbezogenen Daten sehen, nutzen wir nur für diese Anfrage. Sie können die Sitzung jederzeit \
beenden und Ihr Einverständnis vor Beginn zurücknehmen. Beides hat keine Nachteile für Sie."""
ENGLISH = """During the session a specialist, named here, sees your screen and can use mouse and keyboard if you allow \
it in the tool. You see what happens at any time.

Please close everything beforehand that does not belong to your request. Do not give away passwords; we never ask for \
them. We do not record the session and transfer no files without asking you first.

What we see of personal data is used for this request only. You can end the session at any time and take back your \
consent before it begins. Neither has disadvantages for you."""


def current_text(now: datetime) -> RemoteConsentText:
    """The version that new invitations show; for actions. The words of the product are version 1."""
    newest = RemoteConsentText.objects.order_by("-version").first()
    if newest is not None:
        return newest
    words = {"german": GERMAN, "english": ENGLISH, "created_at": now}
    return RemoteConsentText.objects.get_or_create(version=1, defaults=words)[0]


def text_at(at: datetime) -> RemoteConsentText:
    """The version that could be read at that instant; before the first one there were the words of the product."""
    known = RemoteConsentText.objects.order_by("-version")
    return known.filter(created_at__lte=at).first() or known.last() or current_text(at)


def hash_of(text: str) -> str:
    """The proof of the words as somebody read them (SHA-256)."""
    return sha256(text.encode()).hexdigest()


def language_of(text: RemoteConsentText, proof: str) -> str:
    """The language in which words with this proof are said in this version; empty: in none."""
    return next((one for one in ("de", "en") if hash_of(text.said(one)) == proof), "")
