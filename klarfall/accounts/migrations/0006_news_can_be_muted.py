# News of the Helpdesk-Center can be switched off.

import django.db.models
from django.db import migrations

GROUPS = [
    "received",
    "replies",
    "progress",
    "wishes",
    "registrations",
    "news",
    "team_assigned",
    "team_replies",
    "team_questions",
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_what_can_be_muted"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="user", name="only_what_can_be_muted"),
        migrations.AddConstraint(
            model_name="user",
            constraint=django.db.models.CheckConstraint(
                condition=django.db.models.Q(muted_notices__contained_by=GROUPS),
                name="only_what_can_be_muted",
            ),
        ),
    ]
