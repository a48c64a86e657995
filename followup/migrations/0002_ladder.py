import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0001_initial"),
        ("municipalities", "0005_ladder"),
        ("signals", "0003_ladder"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        help_text="the last escalation that was acknowledged", verbose_name="level"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="seen to until")),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgements",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "acknowledgement",
                "verbose_name_plural": "acknowledgements",
                "indexes": [models.Index(fields=["municipality", "signal"], name="acknowledgement_by_signal")],
            },
        ),
        migrations.CreateModel(
            name="Nudge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("visit", "home visit"),
                            ("revisit", "another visit, because nobody opened"),
                            ("assignment", "a worker gets the signal"),
                            ("acceptance", "the worker takes the signal on"),
                            ("reminder", "reminder before the home visit"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="when")),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nudges",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "nudge",
                "verbose_name_plural": "nudges",
                "indexes": [models.Index(fields=["municipality", "signal"], name="nudge_by_signal")],
            },
        ),
        tenant_table("followup_nudge"),
        append_only("followup_nudge", stamp="at"),
        within_municipality("followup_nudge", "signal_id", "signals_signal"),
        tenant_table("followup_acknowledgement"),
        append_only("followup_acknowledgement", stamp="at"),
        within_municipality("followup_acknowledgement", "signal_id", "signals_signal"),
        within_municipality("followup_acknowledgement", "by_id", "municipalities_membership", parent_column="user_id"),
    ]
