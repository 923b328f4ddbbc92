"""Mails written to break whoever reads them: deep, wide, long, torn. Each is read, none raises, none hangs."""

import base64
import struct
import tracemalloc
from time import process_time
from typing import Any

import pytest

from klarfall.incoming.parsing import message, tnef
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.senders import has_one_author

#: Seconds of computing that the worst mail may take; the others take a fraction of it.
PATIENCE = 5

HEAD = (
    b"From: Bernd <bernd@acme.example>\r\nTo: support@vendor.example\r\n"
    b"Subject: Test\r\nMessage-ID: <1@acme.example>\r\n"
)


def read(raw: bytes) -> ParsedMail:
    """Parse without the net that catches what nobody has thought of: here it would hide a defect."""
    begun = process_time()
    mail = message._parsed(raw)
    assert process_time() - begun < PATIENCE
    return mail


def nested(levels: int, *, closed: bool = True) -> bytes:
    parts = [HEAD]
    for level in range(levels):
        parts.append(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level))
    parts.append(b"Content-Type: text/plain\r\n\r\nGanz innen\r\n")
    if closed:
        parts += [b"--b%d--\r\n" % level for level in reversed(range(levels))]
    return b"".join(parts)


def many(count: int) -> bytes:
    part = b'--x\r\nContent-Type: application/pdf; name="Seite %d.pdf"\r\nContent-Disposition: attachment\r\n\r\n%d\r\n'
    parts = b"".join(part % (number, number) for number in range(count))
    text = b"--x\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + text + parts + b"--x--\r\n"


def test_fifty_levels_are_read() -> None:
    mail = read(nested(50))
    assert (mail.text, mail.files, mail.problems) == ("Ganz innen", (), ())


def test_fifty_levels_without_an_end_are_read() -> None:
    mail = read(nested(50, closed=False))
    assert (mail.text, mail.problems) == ("Ganz innen", ("incomplete",))


def test_ten_thousand_levels_are_kept_unopened() -> None:
    mail = read(nested(10_000))
    assert "too_deep" in mail.problems
    assert b"Ganz innen" in mail.files[0].content


def test_forwarded_within_forwarded_is_one_file() -> None:
    raw = HEAD + b"Content-Type: message/rfc822\r\n\r\n"
    raw = raw * 3_000 + b"Content-Type: text/plain\r\n\r\nGanz innen\r\n"
    assert [file.name for file in read(raw).files] == ["Test.eml"]


def test_a_thousand_parts_are_all_named() -> None:
    mail = read(many(1_000))
    assert [file.name for file in mail.files] == [f"Seite {number}.pdf" for number in range(1_000)]
    assert (mail.text, mail.problems) == ("Anbei.", ())


def test_far_more_parts_are_bounded() -> None:
    mail = read(many(30_000))
    assert "too_many_parts" in mail.problems
    assert len(mail.files) < 3_000
    assert b"29999" in mail.files[-1].content  # nothing is thrown away


def test_the_same_name_a_thousand_times() -> None:
    mail = read(many(1_000).replace(b"Seite ", b"Seite ;"))
    assert len({file.name for file in mail.files}) == len(mail.files)


@pytest.mark.parametrize("line", [b"x" * 1_100_000, b"=?" * 50_000, b"<" * 100_000, b"> " * 50_000, b"\0" * 100_000])
def test_a_line_of_a_megabyte(line: bytes) -> None:
    mail = read(HEAD + b"\r\n" + line + b"\r\nEnde\r\n")
    assert mail.text.endswith("Ende")


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 30_000,
        b"=?utf-8?Q?" * 30_000,
        b"=?utf-8?Q?=41?= " * 200_000,
        b"(" * 30_000,
        b'"' * 300_001,
        b'"\\' * 150_000,
        b"<" * 30_000,
        b"a@b.example, " * 200_000,
        b"a:" * 100_000,
        b"<@" * 100_000,
        b"\\" * 200_000,
        b"\r\n " * 100_000,
        b"\xff\xfe" * 100_000,
        b"; a=" * 50_000,
        b"text/plain; " + b"".join(b"name*%d*=%%41; " % number for number in range(100_000)),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_headers_of_megabytes(value: bytes) -> None:
    for name in (b"Subject", b"From", b"References", b"Content-Type", b"Date", b"Message-ID", b"X-Other"):
        mail = read(name + b": " + value + b"\r\nTo: support@vendor.example\r\n\r\nHallo\r\n")
        assert mail.to[0].address == "support@vendor.example"


def test_a_hundred_thousand_headers() -> None:
    mail = read(HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\nHallo\r\n")
    assert (mail.text, mail.sender.address) == ("Hallo", "bernd@acme.example")


@pytest.mark.parametrize(
    "body",
    [
        b"--x" * 100_000,
        b"\n--a" * 200_000,
        b"\r--x" * 100_000,
        b"\n--x\n" * 50_000,
        b"\n--x--\n" * 50_000,
        b"\n--x\nContent-Type: multipart/mixed; boundary=x\n" * 50_000,
        b"\n--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n" * 50_000,
        b"\n--x\nContent-Type: multipart/mixed\n\n" * 50_000,
        b"\n--y\nContent-Type: text/plain\n\n" * 50_000,
    ],
    ids=lambda value: repr(value[:40]),
)
def test_boundaries_without_end(body: bytes) -> None:
    read(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + body)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"base64", b"=" * 30_000),
        (b"base64", b"!" * 30_000),
        (b"base64", b"QUJD=" * 40_000),
        (b"base64", b"QUJD\n\xff\n" * 30_000),
        (b"quoted-printable", b"=" * 30_000),
        (b"quoted-printable", b"=\n" * 100_000),
        (b"quoted-printable", b"= " * 100_000),
        (b"x-uuencode", b"begin 644 x\n" * 30_000),
        (b"x-uuencode", b"begin 644 x\n" + b"M\n" * 50_000),
        (b"7bit", b"begin 644 x\n" * 100_000 + b"\nend"),
        (b"7bit", b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 50_000),
        (b"7bit", b"<img src='data:image/png;base64,AAAA" * 50_000),
        (b"7bit", b"=ybegin name=\n" * 100_000),
        (b"7bit", b"> " * 100_000 + b" \n" * 100_000),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_encodings_without_end(encoding: bytes, body: bytes) -> None:
    head = HEAD + b"Content-Transfer-Encoding: " + encoding
    for kind in (
        b"text/plain; format=flowed; delsp=yes",
        b"text/html",
        b"application/pdf",
        b"multipart/mixed; boundary=x",
    ):
        read(head + b"\r\nContent-Type: " + kind + b"\r\n\r\n" + body)


@pytest.mark.parametrize("name", [b"From: MAILER-DAEMON@x.example\r\nReturn-Path: <>\r\n"])
@pytest.mark.parametrize(
    "body", [b"a@b" * 100_000, b"Undeliverable " * 50_000, b"5.1.1 " * 50_000, b"---- copy " * 50_000]
)
def test_reports_without_end(name: bytes, body: bytes) -> None:
    read(name + b"Subject: Undeliverable\r\n\r\n" + body)
    read(name + b"Content-Type: message/delivery-status\r\n\r\n" + body.replace(b" ", b"\r\n\r\n"))


def test_texts_that_are_too_long_together_are_kept_as_files() -> None:
    part = b"--x\r\nContent-Type: text/html\r\n\r\n" + b"<!-- nichts -->" * 40_000 + b"\r\n"
    mail = read(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 10 + b"--x--\r\n")
    assert mail.problems == ("cut",)
    assert [len(file.content) for file in mail.files] == [600_000] * 7
    assert len(mail.html) <= 2_000_000


def test_a_thousand_riddles() -> None:
    """Bytes of unknown charsets everywhere: guessing costs, so it is not done for each of them."""
    riddle = bytes(range(0xC0, 0xFF)) * 8
    part = b"--x\r\nContent-Type: text/plain; charset=x-riddle; name*=x'y'%FF%FE\r\n\r\n" + riddle + b"\r\n"
    word = b"=?x-riddle?B?" + base64.b64encode(riddle[:40]) + b"?= "
    head = b"".join(b"X-%d: " % number + riddle + word * 20 + b"\r\n" for number in range(500))
    mail = read(HEAD + head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 1_000 + b"--x--\r\n")
    assert len(mail.files) > 900 or len(mail.text) > 100_000


def test_tnef_that_promises_too_much() -> None:
    begin = struct.pack("<IH", 0x223E9F78, 1)
    tiny = struct.pack("<BHHI", 1, 0x9999, 6, 0) + b"\0\0"
    endless = struct.pack("<I", 0xFFFFFFFF)
    properties = struct.pack("<BHHI", 1, 0x9003, 6, 12) + endless
    properties += struct.pack("<HH", 0x101E, 0x1000) + endless + b"\0\0"
    recipients = struct.pack("<BHHI", 1, 0x9004, 6, 4) + endless + b"\0\0"
    begun = process_time()
    for data in (begin + tiny * 50_000, begin + properties * 100_000, begin + recipients * 100_000, begin + endless):
        assert tnef.unpacked(data) is None
    assert process_time() - begun < PATIENCE


def test_smime_that_is_nested_without_end() -> None:
    for data in (b"\x30\x80" * 200_000, b"\x24\x80" * 100_000, b"\x30\x84\xff\xff\xff\xff", b"\x30" * 100_000):
        encoded = base64.encodebytes(data)
        mail = read(
            HEAD + b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded
        )
        assert [file.name for file in mail.files] == ["smime.p7m"]


def test_what_nobody_has_thought_of_is_kept_as_a_file(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RecursionError

    monkeypatch.setattr("klarfall.incoming.parsing.content.Reader.read", broken)
    raw = HEAD + b"\r\nHallo\r\n"
    mail = message.parse(raw)
    assert (mail.sender.address, mail.subject, mail.message_id) == ("bernd@acme.example", "Test", "<1@acme.example>")
    assert [(file.name, file.content) for file in mail.files] == [("message.eml", raw)]
    assert mail.problems == ("damaged", "no_text")
    assert "could not be read" in caplog.text


def test_memory_is_a_small_multiple_of_the_mail() -> None:
    content = base64.encodebytes(bytes(range(256)) * (25 * 4_096))
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nAnbei\r\n--x\r\n"
    raw += b'Content-Type: image/jpeg; name="Foto.jpg"\r\n'
    raw += b"Content-Transfer-Encoding: base64\r\n\r\n" + content + b"--x--\r\n"
    tracemalloc.start()
    try:
        mail = message._parsed(raw)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(mail.files[0].content) == 25 * 1_048_576
    assert peak < 3 * len(raw)


def test_base64_of_single_letters_takes_no_list_of_them() -> None:
    raw = HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"a=" * 500_000
    tracemalloc.start()
    try:
        message._parsed(raw)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * len(raw)


def test_a_report_of_blanks_takes_no_longer_than_its_length() -> None:
    """Two runs of blanks side by side would be tried in all divisions: seconds for 60 kB from any stranger."""
    head = b"From: mailer-daemon@x.example\r\nSubject: Undelivered Mail\r\nReturn-Path: <>\r\n\r\n"
    begun = process_time()
    report = read(head + b"a@b.example" + b" " * 60_000 + b"x\r\n").report
    assert process_time() - begun < 1
    assert report is not None
    assert report.recipient == "a@b.example"


@pytest.mark.parametrize("run", [b";", b" ", b"\t;", b"a ", b"a" * 61 + b" ", b'a="', b"a*0*=", b"a=;"])
@pytest.mark.parametrize("field", [b"Content-Type: text/plain; ", b"Content-Disposition: attachment; filename="])
def test_parameters_of_many_parts_take_no_longer_than_their_length(field: bytes, run: bytes) -> None:
    part = b"--x\r\n" + field + run * (15_000 // len(run)) + b"\r\n\r\nText\r\n"
    mail = read(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 300 + b"--x--\r\n")
    assert mail.text or mail.files


@pytest.mark.parametrize("begin", [b"BEGIN:VTIMEZONE", b"begin;x=1:vtime\r\n zone"])
def test_a_time_zone_that_changes_every_second_is_not_worked_out(begin: bytes) -> None:
    rule = b"BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nRRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0100\r\n"
    zone = begin + b"\r\nTZID:Nirgendwo\r\n" + rule + b"TZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    event = b"BEGIN:VEVENT\r\nSUMMARY:Termin\r\nDTSTART;TZID=Nirgendwo:20261201T100000\r\nEND:VEVENT\r\n"
    calendar = b"BEGIN:VCALENDAR\r\n" + zone + event + b"END:VCALENDAR\r\n"
    mail = read(HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + calendar)
    assert mail.text.startswith("Termin\n2026-12-01 10:00")


@pytest.mark.parametrize("name", [b"From", b"To", b"Cc"])
def test_a_thousand_headers_of_people_are_not_all_looked_at(name: bytes) -> None:
    """Each is 25 kB without an address; together they took minutes."""
    mail = read(HEAD + (name + b": " + b"a" * 25_000 + b"\r\n") * 300 + b"\r\nText\r\n")
    begun = process_time()
    assert has_one_author(mail) == (name != b"From")
    assert process_time() - begun < 1
    assert mail.sender.address == "bernd@acme.example"


def test_many_winmails_are_not_all_unpacked() -> None:
    """Two packed bytes stand for seventeen: 5 MB took ten seconds, and eight times their size of memory."""
    rtf = struct.pack("<IIII", 0, 400_000, 0x75465A4C, 0) + (b"\xff" + b"\x0c\xaf" * 8) * 3_000
    found = struct.pack("<IHHII", 1, 0x102, 0x1009, 1, len(rtf)) + rtf + b"\0" * (-len(rtf) % 4)
    packed = struct.pack("<IHBHHI", 0x223E9F78, 1, 1, 0x9003, 6, len(found)) + found + b"\0\0"
    part = b"--x\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n" + packed + b"\r\n"
    mail = read(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 20 + b"--x--\r\n")
    kinds = [file.content_type for file in mail.files]
    assert (kinds.count("application/rtf"), kinds.count("application/ms-tnef")) == (3, 17)
