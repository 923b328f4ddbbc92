# What is about money or the account cannot be switched off, not even by a mistake of ours.

import django.db.models
from django.db import migrations

GROUPS = [
    "received",
    "replies",
    "progress",
    "wishes",
    "registrations",
    "team_assigned",
    "team_replies",
    "team_questions",
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_tally"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=django.db.models.CheckConstraint(
                condition=django.db.models.Q(muted_notices__contained_by=GROUPS),
                name="only_what_can_be_muted",
            ),
        ),
    ]
