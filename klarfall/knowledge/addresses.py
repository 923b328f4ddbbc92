"""Where a reader finds articles and files: staff at the desk, everybody else in the portal."""

from django.urls import reverse

from klarfall.core.isolation import ViewerKind, current_viewer
from klarfall.knowledge.models import Media


def of_article(pk: int, *, chapter: str = "", anchor: str = "", language: str = "") -> str:
    """The page of an article (or of a manual's chapter) for the viewer in force."""
    if _at_desk():
        address = reverse("desk:article-reading", args=[pk])
    elif chapter:
        address = reverse("portal:article-chapter", args=[pk, chapter])
    else:
        address = reverse("portal:article", args=[pk])
    asked = f"?language={language}" if language else ""
    return f"{address}{asked}{f'#{anchor}' if anchor else ''}"


def in_portal(pk: int) -> str:
    """The page of an article for readers, whoever asks: for documents and mails."""
    return reverse("portal:article", args=[pk])


def of_file(media: Media) -> str:
    """Where the content of a file is handed out to the viewer in force."""
    return reverse("desk:article-file" if _at_desk() else "portal:help-file", args=[media.pk, media.name])


def _at_desk() -> bool:
    viewer = current_viewer()
    return viewer is not None and viewer.kind is ViewerKind.STAFF
