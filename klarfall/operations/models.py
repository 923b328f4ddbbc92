"""Backup: which archives were made, for the desk and `manage.py doctor`."""

from typing import ClassVar

from django.db import models


class Backup(models.Model):
    """One archive that was finished; its row is written afterwards, so no archive contains its own."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    #: Name of the archive, without its folder.
    name = models.CharField(max_length=80)
    #: Bytes of the archive.
    size = models.BigIntegerField()
    #: How many stored files are in it.
    files = models.PositiveIntegerField()
    #: How many files the database named that were nowhere to be found.
    missing = models.PositiveIntegerField(default=0)
    version = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-finished_at"], name="backup_newest")]

    def __str__(self) -> str:
        return self.name


class JobFailure(models.Model):
    """Why a job's last attempt failed: kind and place of the error, never what it said."""

    job_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    reason = models.CharField(max_length=250)

    def __str__(self) -> str:
        return f"{self.job_id}: {self.reason}"
