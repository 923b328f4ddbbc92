"""Files of articles: what is stored is what it says, nothing else; older editions keep theirs."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from klarfall.core.action import NotAllowed, Refused
from klarfall.core.models import AuditEntry
from klarfall.knowledge import spoken, video_header
from klarfall.knowledge.actions.media import add_media, describe_media, remove_media
from klarfall.knowledge.models import Media
from klarfall.knowledge.rendering import preview
from klarfall.knowledge.tests.shelf import CAPTIONS, film, picture, publish, write
from klarfall.tickets import files
from tests.cast import NOW, berlin, fresh
from tests.queue import waiting_jobs


def vtt(content: bytes = CAPTIONS, name: str = "film.de.vtt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def refused(article, actor, file, use) -> str:
    with pytest.raises(Refused) as found:
        add_media(article, file=file, use=use, actor=actor, now=NOW)
    return found.value.code


@pytest.mark.django_db
def test_pictures_are_written_anew_without_what_cameras_add(erp, anna, system):
    article = write(erp, anna).article
    exif = Image.Exif()
    exif[0x010E] = "Aufgenommen in der Königstraße 5"
    sent = picture("Foto.JPG", "JPEG", size=(5000, 2500), exif=exif, comment=b"geheim")
    row = add_media(article, file=sent, use="picture", description=" Ein  Foto ", actor=anna, now=NOW)
    assert (row.name, row.content_type, row.width, row.height) == ("Foto.JPG", "image/jpeg", 2560, 1280)
    with default_storage.open(row.key, "rb") as stored:
        content = stored.read()
    assert row.size == len(content)
    assert "Königstraße".encode() not in content
    assert b"geheim" not in content
    assert row.description == "Ein Foto"
    assert add_media(article, file=picture("a.png", "GIF"), use="picture", actor=anna, now=NOW).name == "a.png"
    told = AuditEntry.objects.filter(verb="media.added").first()
    assert set(told.data) == {"media", "use", "size", "sha256"}


@pytest.mark.django_db
def test_what_is_not_what_it_says_is_refused(erp, anna, bernd, system, settings):
    article = write(erp, anna).article
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    bomb = BytesIO()
    Image.new("1", (6_000, 6_000)).save(bomb, "PNG")
    assert refused(article, anna, SimpleUploadedFile("x.svg", svg), "picture") == "picture_refused"
    assert refused(article, anna, SimpleUploadedFile("x.png", svg), "picture") == "picture_refused"
    assert refused(article, anna, SimpleUploadedFile("x.png", picture().read()[:60]), "picture") == "picture_refused"
    assert refused(article, anna, SimpleUploadedFile("x.png", bomb.getvalue()), "picture") == "picture_refused"
    assert refused(article, anna, SimpleUploadedFile("x.mp4", b"MZ" * 40), "video") == "media_refused"
    assert refused(article, anna, SimpleUploadedFile("x.mp4", b""), "video") == "media_refused"
    assert refused(article, anna, SimpleUploadedFile("x.html", b"<html>"), "file") == "file_refused"
    assert refused(article, anna, SimpleUploadedFile("x.svg", svg), "file") == "file_refused"
    assert refused(article, anna, vtt(b"kein vtt"), "captions") == "spoken_refused"
    assert refused(article, anna, picture(), "poem") == "media_refused"
    settings.VIDEO_MAX_BYTES = 100
    assert refused(article, anna, film(), "video") == "media_refused"
    with pytest.raises(NotAllowed):
        add_media(article, file=picture(), use="picture", actor=bernd.user, now=NOW)
    assert not Media.objects.exists()


@pytest.mark.django_db
def test_videos_say_how_long_and_large_they_are(erp, anna, dora, system):
    article = publish(erp, dora, kind="video").article
    row = add_media(article, file=film("Lauf.MOV"), use="video", actor=anna, now=NOW)
    assert (row.name, row.content_type, row.duration, row.width, row.height) == ("Lauf.mp4", "video/mp4", 83, 640, 360)
    with pytest.raises(NotAllowed):
        add_media(article, file=vtt(), use="captions", language="de", actor=anna, now=NOW)
    first = add_media(article, file=vtt(), use="captions", language="de", actor=dora, now=NOW)
    assert first.text == "Guten Tag, hier ist der Lauf.\nJetzt prüfen."
    second = add_media(article, file=vtt(), use="captions", language="de", actor=dora, now=NOW)
    assert (fresh(first).removed_at, fresh(second).removed_at) == (NOW, None)
    assert [name for _id, name, _args in waiting_jobs()].count("knowledge.index") == 3


@pytest.mark.django_db
def test_removing_keeps_what_older_editions_show(erp, anna, dora, system, django_capture_on_commit_callbacks):
    out = publish(erp, dora).article
    kept = add_media(out, file=picture(), use="picture", actor=anna, now=NOW)
    remove_media(kept, actor=anna, now=NOW)
    assert fresh(kept).removed_at == NOW
    assert default_storage.exists(kept.key)
    with pytest.raises(NotAllowed):
        remove_media(kept, for_good=True, actor=anna, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        remove_media(kept, for_good=True, actor=dora, now=NOW)
    assert not default_storage.exists(kept.key)
    assert "Bild der Liste" in str(preview(f"![Bild der Liste](media:{kept.pk})", out))
    draft = write(erp, anna).article
    gone = add_media(draft, file=picture(), use="picture", actor=anna, now=NOW)
    describe_media(gone, description="Neu", actor=anna, now=NOW)
    assert fresh(gone).description == "Neu"
    with django_capture_on_commit_callbacks(execute=True):
        remove_media(gone, actor=anna, now=NOW)
    assert not Media.objects.filter(pk=gone.pk).exists()
    assert not default_storage.exists(gone.key)


@pytest.mark.django_db
def test_the_sweep_knows_files_of_articles(erp, anna, system):
    day = berlin("2026-03-03 09:00")  # around which no other test leaves files
    row = add_media(write(erp, anna).article, file=picture(), use="picture", actor=anna, now=day)
    lost = default_storage.save(f"{day:%Y-%m-%d}/verloren", picture())
    assert files.sweep(day + timedelta(days=5)) >= 1
    assert default_storage.exists(row.key)
    assert not default_storage.exists(lost)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n<script>x</script> <v Anna>Hallo</v>\n", "x <v Anna>Hallo</v>"),
        (b"\xef\xbb\xbfWEBVTT - T\n\nSTYLE\n::cue { color: red }\n\n1\n00:00.000 --> 00:01.000 \n<i>a</i>", "<i>a</i>"),
    ],
)  # fmt: skip
def test_captions_keep_times_and_words_only(content, words):
    found = spoken.read(content)
    assert found.file.decode() == f"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{words}\n"
    assert spoken.read(found.file).file == found.file


@pytest.mark.parametrize(
    "content",
    [
        b"", b"WEBVTT", b"\xff\xfe", b"WEBVTT\n\n00:05.000 --> 00:01.000\nx", b"WEBVTT\n\n" + b"x" * 2_000_000,
        b"WEBVTT\n\n" + b"00:00.000 --> 00:01.000\nx\n\n" * 6_000, b"WEBVTT\n\nkaputt --> 1\nx",
        b"WEBVTT\n\n00:00.000 --> 00:01.000\nein --> Pfeil",
    ],
)  # fmt: skip
def test_captions_that_nobody_can_play_are_refused(content):
    with pytest.raises(spoken.SpokenRefused):
        spoken.read(content)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_videos_say_nothing_and_end_soon(seed):
    raw = bytearray(film().read())
    for place in range(seed % 7, len(raw), 7 + seed):
        raw[place] = (raw[place] * 31 + seed) % 256
    for kind in ("video/mp4", "video/webm"):
        found = video_header.header(BytesIO(bytes(raw)), kind)
        assert found.duration is None or 0 < found.duration <= 24 * 3600


def test_webm_is_read_too():
    def element(name: int, content: bytes) -> bytes:
        size = (1 << 28 | len(content)).to_bytes(4, "big")
        return name.to_bytes(-(-name.bit_length() // 8), "big") + size + content

    info = element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")) + element(0x4489, b"\x45\x3b\x80\0"))
    track = element(0xAE, element(0xE0, element(0xB0, b"\x02\x80") + element(0xBA, b"\x01\x68")))
    raw = element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, info + element(0x1654AE6B, track))
    assert video_header.content_type(raw[:64]) == "video/webm"
    assert video_header.header(BytesIO(raw), "video/webm") == video_header.Header(3, 640, 360)
