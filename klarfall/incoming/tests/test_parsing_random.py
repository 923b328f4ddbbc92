"""Bytes that nobody has written on purpose: whatever arrives is read, and nothing in it can be stored wrongly."""

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klarfall.incoming.parsing import armour, charsets, headers, message, parameters, tnef, transfer, words
from klarfall.incoming.parsing.addresses import addresses
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.tickets import file_names

SPECIMENS = sorted((Path(__file__).parent / "specimens").glob("*.eml"))
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")

few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
specimens = st.sampled_from(SPECIMENS).map(Path.read_bytes)
#: What makes parsers stumble, more often than chance would bring it.
crumbs = st.sampled_from(
    [
        b"\r\n",
        b"\n\n",
        b"\r",
        b"\x00",
        b"--",
        b"=?utf-8?B?",
        b"?=",
        b"=",
        b'"',
        b"(",
        b"<",
        b">",
        b";",
        b":",
        b"%",
        b"\xff",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
        b"--x\r\n",
        b"--x--",
        b"Content-Transfer-Encoding: base64\r\n",
        b"begin 644 a\n",
        b"-----BEGIN PGP SIGNED MESSAGE-----\n",
        b"filename*0*=",
        b"\xef\xbb\xbf",
        b"From ",
        b"''",
    ]
)
arbitrary = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(crumbs, st.binary(max_size=8)), max_size=60).map(b"".join)
)


def read(raw: bytes) -> ParsedMail:
    """Parse without the net, and look at what must hold of every mail."""
    mail = message._parsed(raw)
    for text in (mail.text, mail.html, mail.subject, mail.sender.name, mail.message_id):
        assert not _FORBIDDEN.search(text)
        text.encode()
    assert len(mail.message_id) <= headers.LONGEST_ID
    assert len({file.name.lower() for file in mail.files}) == len(mail.files)
    assert all(file.name == file_names.clean(file.name) and file.name for file in mail.files)
    assert sum(len(file.content) for file in mail.files) <= 20 * len(raw)
    return mail


@few
@given(arbitrary)
def test_arbitrary_bytes_are_read(raw: bytes) -> None:
    read(raw)
    read(b"From: bernd@acme.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + raw)


@few
@given(specimens, st.data())
def test_a_mail_cut_off_anywhere_is_read(raw: bytes, data: st.DataObject) -> None:
    read(raw[: data.draw(st.integers(0, len(raw)))])


@few
@given(
    specimens,
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.one_of(crumbs, st.binary(max_size=4))), max_size=12),
)
def test_a_mail_with_wrong_bytes_is_read(raw: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for place, gone, put in changes:
        at = int(place * len(raw))
        raw = raw[:at] + put + raw[at + gone :]
    read(raw)


@few
@given(specimens, specimens, st.floats(0, 1), st.floats(0, 1))
def test_two_mails_run_together_are_read(one: bytes, other: bytes, first: float, second: float) -> None:
    read(one[: int(first * len(one))] + other[int(second * len(other)) :])


@few
@given(arbitrary)
def test_no_piece_of_it_raises(raw: bytes) -> None:
    text = raw.decode("latin-1")
    words.decode(text)
    addresses(text)
    parameters.split(text)
    armour.taken_out(text)
    headers.sent_at(text)
    assert all(len(key) <= headers.LONGEST_ID for key in headers.message_ids(text))
    for encoding in ("base64", "quoted-printable", "x-uuencode", text[:40]):
        transfer.decode(raw, encoding)
    for charset in ("utf-8", "utf-16", "utf-7", "gb2312", text[:20]):
        charsets.decode(raw, charset)[0].encode("utf-8", "surrogatepass")
    tnef.unpacked(b"\x78\x9f\x3e\x22\0\0" + raw)


@few
@given(st.text(max_size=60).filter(str.strip), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_what_was_encoded_comes_out_again(text: str, charset: str) -> None:
    text = charsets.clean_line(text)
    if not text:
        return
    from base64 import b64encode

    encoded = b64encode(text.encode(charset)).decode()
    assert words.decode(f"=?{charset}?B?{encoded}?=") == text
