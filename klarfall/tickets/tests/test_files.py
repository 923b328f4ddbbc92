"""Files on disk: handed out so that nothing runs, and swept when no row names them."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from klarfall.tickets import files
from klarfall.tickets.models import Attachment
from tests.cast import berlin, upload


def test_a_file_is_handed_out_as_a_download_that_nothing_runs(make_ticket, system):
    ticket = make_ticket(files=[upload("Größe & Maß.csv", b"a;b")])
    row = Attachment.objects.get(ticket=ticket)
    assert files.open_file(row).read() == b"a;b"
    headers = files.headers(row, inline=True)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert not any("\n" in value or "\r" in value for value in headers.values())


def test_only_images_are_shown_in_the_page(make_ticket, system):
    ticket = make_ticket(files=[upload("bild.png", b"\x89PNG\r\n\x1a\n...", "text/html")])
    row = Attachment.objects.get(ticket=ticket)
    assert files.headers(row, inline=True)["Content-Type"] == "image/png"
    assert files.headers(row, inline=True)["Content-Disposition"].startswith("inline")
    assert files.headers(row)["Content-Disposition"].startswith("attachment")


def test_keys_are_random_and_say_nothing(make_ticket, system):
    ticket = make_ticket(files=[upload("gehalt.txt", b"x"), upload("gehalt.txt", b"x")])
    one, two = (row.key for row in Attachment.objects.filter(ticket=ticket))
    assert one != two
    assert "gehalt" not in one
    assert len(one.split("/")[1]) == 32


def test_a_missing_content_is_said_so(make_ticket, system):
    row = Attachment.objects.get(ticket=make_ticket(files=[upload()]))
    default_storage.delete(row.key)
    with pytest.raises(files.FileMissing):
        files.open_file(row)


def test_the_sweep_deletes_only_what_no_row_names(make_ticket, system):
    day = berlin("2026-05-05 09:00")  # on which no other test has left anything
    row = Attachment.objects.get(ticket=make_ticket(files=[upload()], now=day))
    orphan = default_storage.save(f"{day:%Y-%m-%d}/{'0' * 32}", ContentFile(b"left behind"))
    young = default_storage.save(f"{day + timedelta(days=2):%Y-%m-%d}/{'1' * 32}", ContentFile(b"not committed yet"))
    assert files.sweep(day + timedelta(days=3)) == 1
    assert [default_storage.exists(key) for key in (row.key, orphan, young)] == [True, False, True]
    assert files.sweep(day + timedelta(days=3)) == 0


def test_files_are_private_on_disk(make_ticket, system):
    row = Attachment.objects.get(ticket=make_ticket(files=[upload()]))
    assert os.stat(default_storage.path(row.key)).st_mode & 0o077 == 0
