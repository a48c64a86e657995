import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality, within_reach
from municipalities.permissions import Reach


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0008_rectification"),
        ("municipalities", "0012_own_postcode"),
        ("signals", "0008_reporter_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Informed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("visit", "Told during a visit"),
                            ("phone", "Told by phone"),
                            ("letter", "By letter"),
                            ("elsewhere", "Told somewhere else"),
                            ("never_reached", "Not possible: never reached, and no address to write to"),
                            ("danger", "Not told, since that would put somebody in danger"),
                        ],
                        max_length=20,
                        verbose_name="how",
                    ),
                ),
                ("informed_on", models.DateField(verbose_name="informed on")),
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
                    "dossier",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="informed",
                        to="signals.dossier",
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
                        related_name="informed",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "information given",
                "verbose_name_plural": "information given",
                "indexes": [models.Index(fields=["municipality", "dossier"], name="informed_by_dossier")],
            },
        ),
        tenant_table("followup_informed"),
        append_only("followup_informed", stamp="at"),
        within_municipality("followup_informed", "dossier_id", "signals_dossier"),
        within_municipality("followup_informed", "signal_id", "signals_signal"),
        within_municipality("followup_informed", "by_id", "municipalities_membership", parent_column="user_id"),
        within_reach(
            "followup_informed",
            mine="dossier_id IN (SELECT dossier_id FROM signals_in_sight())",
            closed_to=[Reach.COMPARING],
        ),
    ]
