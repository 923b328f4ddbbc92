"""`bin/messages`: what it finds, takes over and refuses."""

import importlib.machinery
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def messages(tmp_path, monkeypatch):
    """The script as a module, working on a project of two files."""
    loader = importlib.machinery.SourceFileLoader("messages", str(ROOT / "bin" / "messages"))
    spec = importlib.util.spec_from_loader("messages", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "GERMAN", tmp_path / "locale/de/LC_MESSAGES/django.po")
    monkeypatch.setattr(module, "PARTS", tmp_path / "locale/parts")
    write(tmp_path, "klarfall/tickets/models.py", 'from x import gettext_lazy as _\nname = _("Ticket")\n')
    template = "<p>{{ _('Reply') }}</p>{% trans count=n %}One file{% pluralize %}{{ count }} files{% endtrans %}"
    write(tmp_path, "klarfall/desk/templates/desk/page.html", template)
    write(tmp_path, "klarfall/desk/tests/test_x.py", '_("only in a test")\n')
    return module


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def run(module, monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["messages", *arguments])
    return module.main()


ALL_GERMAN = (
    'msgid "Ticket"\nmsgstr "Ticket"\n\nmsgid "Reply"\nmsgstr "Antwort"\n\n'
    'msgid "One file"\nmsgid_plural "%(count)s files"\nmsgstr[0] "Eine Datei"\nmsgstr[1] "%(count)s Dateien"\n'
)


def test_python_and_templates_are_searched_but_not_tests(messages):
    assert {message.id for message in messages.extract() if message.id} == {
        "Ticket",
        "Reply",
        ("One file", "%(count)s files"),
    }


def test_parts_are_merged_and_then_the_check_passes(messages, monkeypatch, tmp_path):
    assert run(messages, monkeypatch, "--check") == 1
    write(tmp_path, "locale/parts/all.po", ALL_GERMAN)
    assert run(messages, monkeypatch) == 0
    assert run(messages, monkeypatch, "--check") == 0
    assert (tmp_path / "locale/de/LC_MESSAGES/django.mo").stat().st_size > 100


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"Antwort"', '""', "no German: 'Reply'"),
        ('msgstr[1] "%(count)s Dateien"', 'msgstr[1] "%(anzahl)s Dateien"', "One file"),
        ('msgid "Ticket"', '#, fuzzy\nmsgid "Ticket"', "doubtful German: 'Ticket'"),
        ('msgid "Reply"', 'msgid "Gone"\nmsgstr "Weg"\n\nmsgid "Reply"', "not used any more: 'Gone'"),
    ],
)
def test_the_check_names_what_is_wrong(messages, monkeypatch, tmp_path, capsys, old, new, complaint):
    write(tmp_path, "locale/parts/all.po", ALL_GERMAN)
    run(messages, monkeypatch)
    german = tmp_path / "locale/de/LC_MESSAGES/django.po"
    assert old in german.read_text()
    german.write_text(german.read_text().replace(old, new))
    assert run(messages, monkeypatch, "--check") == 1
    assert complaint in capsys.readouterr().out


def test_two_german_words_for_one_text_are_refused(messages, monkeypatch, tmp_path):
    write(tmp_path, "locale/parts/one.po", 'msgid "Ticket"\nmsgstr "Ticket"\n')
    write(tmp_path, "locale/parts/two.po", 'msgid "Ticket"\nmsgstr "Vorgang"\n')
    with pytest.raises(SystemExit, match="differently"):
        run(messages, monkeypatch)


def test_a_second_update_changes_nothing(messages, monkeypatch, tmp_path):
    write(tmp_path, "locale/parts/all.po", ALL_GERMAN)
    run(messages, monkeypatch)
    first = messages.GERMAN.read_bytes()
    run(messages, monkeypatch)
    assert messages.GERMAN.read_bytes() == first


def test_a_text_inside_an_f_string_is_reported(messages, monkeypatch, tmp_path, capsys):
    write(tmp_path, "locale/parts/all.po", ALL_GERMAN)
    run(messages, monkeypatch)
    write(tmp_path, "klarfall/desk/views.py", "title = f'{_(\"Reply\")}: {number}'\n")
    assert run(messages, monkeypatch, "--check") == 1
    assert "klarfall/desk/views.py:1" in capsys.readouterr().out
