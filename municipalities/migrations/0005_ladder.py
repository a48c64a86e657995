import datetime

import django.db.models.deletion
from django.db import migrations, models

import municipalities.models.ladder
from municipalities.database import tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0004_stand_ins"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ladder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "assign_within",
                    models.DurationField(default=datetime.timedelta(seconds=14400), verbose_name="assign within"),
                ),
                (
                    "accept_within",
                    models.DurationField(default=datetime.timedelta(seconds=14400), verbose_name="accept within"),
                ),
                (
                    "remind_before",
                    models.DurationField(
                        default=datetime.timedelta(seconds=43200), verbose_name="remind before the deadline"
                    ),
                ),
                (
                    "rungs",
                    models.JSONField(
                        default=municipalities.models.ladder.default_rungs,
                        validators=[municipalities.models.ladder.check_rungs],
                        verbose_name="steps",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation ladder",
                "verbose_name_plural": "escalation ladders",
                "constraints": [models.UniqueConstraint(fields=("municipality",), name="one_ladder")],
            },
        ),
        tenant_table("municipalities_ladder"),
    ]
