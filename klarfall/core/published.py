"""What the vendor publishes to some and not to others: the second kind of isolation, beside that of customers.

A row is public, for everybody who is signed in, for customers with a product, or for staff only. As with customers'
rows, the manager narrows every query to what the viewer in force may read, and PostgreSQL narrows it once more by
policies (`row_security.py`). Nobody but actions and jobs of the system writes such rows.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from klarfall.core.isolation import NoViewer, Viewer, ViewerKind, current_viewer


class PublishedManager(models.Manager[Any]):
    """Narrows every query to what the viewer in force may read; without a viewer it raises NoViewer."""

    def get_queryset(self) -> models.QuerySet[Any]:
        viewer = current_viewer()
        if viewer is None:
            raise NoViewer(f"{self.model.__name__} queried outside viewing_as(...)")
        rows = super().get_queryset()
        if viewer.sees_everything:
            return rows
        if viewer.kind is ViewerKind.NOBODY:
            return rows.filter(self.model.public())
        return rows.filter(self.model.visible_to(viewer))


class Published(models.Model):
    """Abstract base of every row that the vendor shows to some: with the rule in Django's words and in SQL."""

    #: What visitors without an account read, in SQL over the row's columns.
    public_sql: ClassVar[str] = "false"
    #: What contacts read, in SQL over the row's columns.
    portal_sql: ClassVar[str] = "false"

    objects = PublishedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    @classmethod
    def public(cls) -> Q:
        """The rows that everybody reads."""
        raise NotImplementedError

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """The rows that the contact `viewer` reads."""
        raise NotImplementedError
