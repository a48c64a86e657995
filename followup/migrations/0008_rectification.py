import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality, within_reach
from municipalities.permissions import Reach


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0007_requests"),
        ("municipalities", "0012_own_postcode"),
        ("signals", "0007_wishes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rectification",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("reported", "What was reported"),
                            ("contact", "What we recorded of a contact"),
                            ("person", "Name or address"),
                            ("else", "Something else"),
                        ],
                        max_length=10,
                        verbose_name="about",
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("is_applied", models.BooleanField(default=False)),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="recorded")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rectifications",
                        to="followup.contactentry",
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
                        related_name="rectifications",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "rectification",
                "verbose_name_plural": "rectifications",
                "indexes": [models.Index(fields=["municipality", "signal"], name="rectification_by_signal")],
                "constraints": [models.UniqueConstraint(fields=("municipality", "id"), name="rectification_key")],
            },
        ),
        tenant_table("followup_rectification"),
        append_only("followup_rectification", stamp="at"),
        within_municipality("followup_rectification", "signal_id", "signals_signal"),
        within_municipality("followup_rectification", "contact_id", "followup_contactentry"),
        within_municipality("followup_rectification", "by_id", "municipalities_membership", parent_column="user_id"),
        within_reach(
            "followup_rectification",
            mine="signal_id IN (SELECT signal_id FROM signals_in_sight() WHERE is_mine)",
            closed_to=[Reach.STANDING, Reach.COMPARING],
        ),
    ]
