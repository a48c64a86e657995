import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, never_deleted, tenant_table, within_municipality, within_reach
from municipalities.permissions import Reach


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0012_own_postcode"),
        ("signals", "0007_wishes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReporterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("sealed_before", models.BinaryField()),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        related_name="reporter_changes",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a reporter",
                "verbose_name_plural": "changes of reporters",
                "indexes": [models.Index(fields=["municipality", "signal"], name="reporter_change_by_signal")],
            },
        ),
        migrations.CreateModel(
            name="ReporterLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=municipalities.database.PortalNow())),
                ("opened_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
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
                        related_name="reporter_links",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "link for a reporter",
                "verbose_name_plural": "links for reporters",
                "indexes": [models.Index(fields=["municipality", "signal"], name="reporter_link_by_signal")],
            },
        ),
        tenant_table("signals_reporterlink"),
        never_deleted("signals_reporterlink"),
        within_municipality("signals_reporterlink", "signal_id", "signals_signal"),
        tenant_table("signals_reporterchange"),
        append_only("signals_reporterchange", stamp="at"),
        within_municipality("signals_reporterchange", "signal_id", "signals_signal"),
        within_municipality("signals_reporterchange", "by_id", "municipalities_membership", parent_column="user_id"),
        within_reach("signals_reporterlink", mine="false", closed_to=[Reach.STANDING, Reach.COMPARING]),
        within_reach(
            "signals_reporterchange",
            mine="signal_id IN (SELECT signal_id FROM signals_in_sight() WHERE is_mine)",
            closed_to=[Reach.STANDING, Reach.COMPARING],
        ),
    ]
