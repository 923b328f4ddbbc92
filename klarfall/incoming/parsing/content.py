"""Reads the tree of a mail: which parts are its text, which are files, what could not be read."""

import re
from collections.abc import Callable

from klarfall.incoming.parsing import armour, charsets, flowed, headers, naming, pictures, transfer, words
from klarfall.incoming.parsing.parsed import MailFile
from klarfall.incoming.parsing.pieces import LONGEST_TEXT, Found, Piece, says_nothing
from klarfall.incoming.parsing.tree import Part

_TEXTS = ("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
#: HTML that calls itself plain text.
_HTML = re.compile(r"\s*<(?:!doctype html|html)[\s>]", re.I)
_ENRICHED = re.compile(r"<<|</?[A-Za-z-]{1,40}>|<param>[^<]{0,200}</param>")
#: What programs write as text when they mean their HTML.
_NO_TEXT = re.compile(
    r"(html|multipart|mime|rich).{0,80}(client|viewer|program|reader|view|display|anzeig|unterst|support|format|capable|compatible)"
    r"|(client|program|reader|viewer).{0,40}(support|display|show|view|read|anzeig|darstell|unterst).{0,30}(html|multipart|mime)"
    r"|(view|anzeig|online|browser).{0,60}(html|browser)|ihr (e-?mail|mail).{0,30}programm.{0,60}(html|nicht)",
    re.I | re.S,
)
_SHORT = 400
_SIGNED_PARTS = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_OPAQUE = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
#: What servers and programs write for each other; read by `reports`, no files.
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT = ("message/disposition-notification", "message/global-disposition-notification")
_HEADERS_ONLY = ("text/rfc822-headers", "message/global-headers")
_MAIL = ("message/rfc822", "message/global")
#: Bytes of a returned mail in which its headers are looked for.
_RETURNED = 64_000
#: Bytes of the part of PGP/MIME that says nothing but its version.
_CONTROL = 200
#: Parts whose charset is guessed by statistics; a mail with more of them that need it is none.
_MOST_GUESSES = 30
#: Of winmail.dat so many are opened: a mail has one, and what is packed in it may be many times as large.
_MOST_PACKED = 3
#: A mail within an S/MIME envelope within … is followed only so far.
_DEEPEST_ENVELOPE = 5


class Reader:
    """Reads one mail; counts its leaves, so that parts without a name get one."""

    def __init__(self, envelope: int = 0) -> None:
        self.leaves = 0
        #: Bytes of text that the mail may still have, all its parts together.
        self.room = LONGEST_TEXT
        self.envelope = envelope
        #: How often something was packed into a winmail.dat.
        self.packed = 0
        #: What was found on the way: delivery reports, receipts, headers of mails that came back, invitations.
        self.status: list[bytes] = []
        self.receipts: list[bytes] = []
        self.returned: list[bytes] = []
        self.invitations: list[bytes] = []

    def read(self, part: Part, *, is_first: bool = True) -> Found:
        """Whatever the part holds. `is_first`: nothing stands before it in its container."""
        if part.is_multipart:
            return self._multipart(part)
        self.leaves += 1
        if part.content_type.startswith("multipart/") and not part.problem:
            return self._shut(part)
        if part.problem:
            return self._as_file(part, problem=part.problem)
        if part.content_type in (*_STATUS, *_RECEIPT, *_HEADERS_ONLY):
            return self._for_machines(part)
        return self._leaf(part, is_first=is_first)

    def _leaf(self, part: Part, *, is_first: bool) -> Found:
        kind, _parameters = naming.disposition(part)
        name = naming.declared(part)
        is_told = kind != "attachment" or (part.depth == 0 and not name)
        if part.content_type in _TEXTS and is_told and (is_first or not name):
            return self._text(part)
        if part.content_type in _OPAQUE or (name.lower().endswith(".p7m") and self._is_envelope(part)):
            return self._opaque(part)
        if part.content_type in _TNEF or name.lower() == "winmail.dat":
            return self._tnef(part)
        return self._as_file(part)

    def _multipart(self, part: Part) -> Found:
        ways: dict[str, Callable[[Part], Found]] = {
            "multipart/alternative": self._alternative,
            "multipart/related": self._related,
            "multipart/signed": self._signed,
            "multipart/encrypted": self._encrypted,
            "multipart/report": self._report,
        }
        return ways.get(part.content_type, self._mixed)(part)

    def _mixed(self, part: Part) -> Found:
        """All texts one behind the other."""
        found = Found()
        for index, child in enumerate(part.children):
            found.add(self.read(child, is_first=index == 0))
        return found

    def _related(self, part: Part) -> Found:
        """The root and what it shows; the root is named or stands first."""
        wanted = part.parameters.get("start", "").strip("<> ")
        found = Found()
        for index, child in enumerate(part.children):
            is_root = child.header("content-id").strip("<> ") == wanted if wanted else index == 0
            found.add(self.read(child, is_first=is_root or index == 0))
        return found

    def _alternative(self, part: Part) -> Found:
        """One text in several forms: the best text, the best HTML, the files of all."""
        found = Found()
        text, html = "", ""
        for child in part.children:
            one = self.read(child)
            found.add(one, with_pieces=False)
            if not one.pieces:
                continue
            html = one.html() or html
            if any(piece.text is not None for piece in one.pieces):
                text = text or one.text()
        is_text = not says_nothing(text) and not (html and _is_stub(text))
        if is_text or html:
            found.pieces.append(Piece(text if is_text else None, html))
        elif text:
            found.pieces.append(Piece(text))
        return found

    def _signed(self, part: Part) -> Found:
        """The first part is what was signed; the signature stays a file."""
        found = self._mixed(part)
        found.problem("signed")
        return found

    def _encrypted(self, part: Part) -> Found:
        """Nothing of it can be read; what says only `Version: 1` is left out."""
        found = Found()
        for child in part.children:
            self.leaves += 1
            if child.content_type == "application/pgp-encrypted" and child.end - child.body < _CONTROL:
                continue
            found.add(self._as_file(child, problem="encrypted", name="encrypted.asc"))
        found.problem("encrypted")
        return found

    def _report(self, part: Part) -> Found:
        """The words for people; what came back is looked into for its Message-ID and is no file."""
        if not any(child.content_type in (*_STATUS, *_RECEIPT) for child in part.children):
            return self._mixed(part)
        found = Found()
        for index, child in enumerate(part.children):
            if index and child.content_type in _MAIL:
                self.leaves += 1
                self.returned.append(self._content(child)[0][:_RETURNED])
            else:
                found.add(self.read(child, is_first=index == 0))
        return found

    def _for_machines(self, part: Part) -> Found:
        content = self._content(part)[0][:_RETURNED]
        if part.content_type in _STATUS:
            self.status.append(content)
        elif part.content_type in _RECEIPT:
            self.receipts.append(content)
        else:
            self.returned.append(content)
        return Found()

    def _shut(self, part: Part) -> Found:
        """A container without parts: encoded as a whole against all rules, or the text that it probably is."""
        encoding = part.header("content-transfer-encoding").lower()
        if self.envelope < _DEEPEST_ENVELOPE and ("base64" in encoding or "quoted" in encoding):
            head = b"Content-Type: " + headers.first(part.fields, "content-type").encode() + b"\r\n\r\n"
            return read_bytes(head + self._content(part)[0], depth=part.depth + 1, reader=self)
        part.content_type = "text/plain"
        found = self._text(part)
        found.problem("damaged")
        return found

    def _content(self, part: Part) -> tuple[bytes, bool]:
        return transfer.decode(part.content(), part.header("content-transfer-encoding"))

    def _text(self, part: Part) -> Found:
        """A text part: decoded, unwrapped, without armour; one that is too long is kept whole beside it."""
        found = Found()
        data, is_whole = self._content(part)
        if not is_whole:
            found.problem("damaged")
        is_html = part.content_type == "text/html"
        charset = part.parameters.get("charset", "")
        if is_html and not charsets.codec(charset):
            meta = _META_CHARSET.search(data, 0, 4_000)
            charset = meta[1].decode("ascii") if meta else charset
        if is_html:
            data, files = pictures.taken_out(data, self.leaves)
            found.files.extend(files)
        if len(data) > self.room:
            found.add(self._as_file(part, problem="cut", content=data))
            data = data[: self.room]
        self.room -= len(data)
        text, _is_clean = charsets.decode(data, charset, with_statistics=self.leaves < _MOST_GUESSES)
        text = charsets.clean(text)
        if is_html or _HTML.match(text):
            found.pieces.append(Piece(None, text))
        else:
            self._plain(part, text, found)
        return found

    def _plain(self, part: Part, text: str, found: Found) -> None:
        if part.parameters.get("format", "").lower() == "flowed":
            text = flowed.unwrapped(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
        elif part.content_type in ("text/enriched", "text/richtext"):
            text = _ENRICHED.sub(lambda match: "<" if match[0] == "<<" else "", text)
        else:
            text = flowed.unmarked(text)
        text, files, codes = armour.taken_out(text)
        found.files.extend(files)
        found.problems.update(dict.fromkeys(codes))
        found.pieces.append(Piece(text))

    def _as_file(self, part: Part, *, problem: str = "", name: str = "", content: bytes | None = None) -> Found:
        """The part as a file under its own name, else under a telling one."""
        found = Found()
        is_whole = True
        if content is None:
            content, is_whole = self._content(part)
        if part.content_type == "application/pgp-encrypted" or content.startswith(b"-----BEGIN PGP MESSAGE-----"):
            problem = problem or "encrypted"
        problem = problem or ("" if is_whole else "damaged")
        kind, _parameters = naming.disposition(part)
        cid = part.header("content-id").strip("<> \t")[:250]
        name = naming.declared(part) or name or self._name(part, content)
        found.files.append(
            MailFile(name, part.content_type[:100], content, charsets.clean_line(cid), kind == "inline", problem)
        )
        if problem:
            found.problem(problem)
        if part.content_type in _SIGNED_PARTS:
            found.problem("signed")
        elif part.content_type in _MAIL:
            self.returned.append(content[:_RETURNED])
        elif part.content_type == "text/calendar":
            self.invitations.append(content)
        return found

    def _name(self, part: Part, content: bytes) -> str:
        """A mail is named after its subject."""
        if part.content_type in _MAIL:
            fields, _body = headers.fields(content, headers.begin(content), min(len(content), headers.LONGEST_BLOCK))
            subject = words.decode(headers.first(fields, "subject"))
            if subject:
                return f"{subject[:100].replace('/', '_')}.eml"
        return naming.usual(part.content_type, self.leaves)

    def _is_envelope(self, part: Part) -> bool:
        return part.content_type == "application/octet-stream"

    def _opaque(self, part: Part) -> Found:
        """S/MIME in one block: a signed one is opened, an encrypted one kept."""
        from klarfall.incoming.parsing import smime

        content, _is_whole = self._content(part)
        kind, inner = smime.opened(content)
        if kind == "signed" and inner is not None and self.envelope < _DEEPEST_ENVELOPE:
            found = read_bytes(inner, depth=part.depth + 1, reader=self)
            found.problem("signed")
            return found
        problem = {"encrypted": "encrypted", "signed": "signed"}.get(kind, "damaged")
        return self._as_file(part, problem=problem, content=content)

    def _tnef(self, part: Part) -> Found:
        """winmail.dat: what is packed into it; one that cannot be read stays the file that it is."""
        from klarfall.incoming.parsing import tnef

        content, _is_whole = self._content(part)
        self.packed += 1
        if self.packed > _MOST_PACKED:
            return self._as_file(part, content=content)
        unpacked = tnef.unpacked(content)
        if unpacked is None:
            return self._as_file(part, problem="damaged", content=content)
        found = Found(files=list(unpacked.files))
        if unpacked.text or unpacked.html:
            found.pieces.append(Piece(unpacked.text or None, unpacked.html))
        return found


def read_bytes(raw: bytes, *, depth: int, reader: Reader) -> Found:
    """A mail within an envelope; its parts count on."""
    from klarfall.incoming.parsing import tree as trees

    root, problems = trees.tree(raw, 0, len(raw), depth=depth)
    reader.envelope += 1
    found = reader.read(root)
    reader.envelope -= 1
    found.problems.update(dict.fromkeys(problems))
    return found


def _is_stub(text: str) -> bool:
    """`Your program cannot show HTML`."""
    return len(text) < _SHORT and bool(_NO_TEXT.search(text))
