import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality, within_reach
from municipalities.permissions import Reach


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0012_own_postcode"),
        ("signals", "0006_queue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NoContactWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("no_contact", "Wants no contact"),
                            ("objection", "Objects to what we do with their data"),
                        ],
                        max_length=12,
                        verbose_name="what is asked",
                    ),
                ),
                (
                    "said_by",
                    models.CharField(
                        choices=[
                            ("person", "The person themselves"),
                            ("representative", "Their representative"),
                            ("family", "Somebody of the family, for the person"),
                        ],
                        max_length=20,
                        verbose_name="who said it",
                    ),
                ),
                ("said_on", models.DateField(verbose_name="day on which it was said")),
                (
                    "address_fingerprints",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
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
                        related_name="wishes",
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
                        related_name="wishes",
                        to="signals.signal",
                    ),
                ),
                (
                    "withdraws",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawn",
                        to="signals.nocontactwish",
                    ),
                ),
            ],
            options={
                "verbose_name": "wish for no contact",
                "verbose_name_plural": "wishes for no contact",
            },
        ),
        migrations.CreateModel(
            name="WishDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        choices=[("respect", "We respect it: nobody goes there"), ("go", "Somebody goes all the same")],
                        max_length=10,
                        verbose_name="decision",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("danger", "The person may be in danger"),
                            ("others", "Somebody else may be in danger"),
                            ("asks_help", "The person asks for help now"),
                            ("other_person", "This signal is about somebody else at the address"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="when")),
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
                        related_name="wish_decisions",
                        to="signals.signal",
                    ),
                ),
                (
                    "wish",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="signals.nocontactwish",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about a wish",
                "verbose_name_plural": "decisions about wishes",
            },
        ),
        migrations.AddIndex(
            model_name="nocontactwish",
            index=models.Index(fields=["municipality", "dossier"], name="wish_by_dossier"),
        ),
        migrations.AddConstraint(
            model_name="nocontactwish",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="wish_key"),
        ),
        migrations.AddIndex(
            model_name="wishdecision",
            index=models.Index(fields=["municipality", "signal"], name="wish_decision_by_signal"),
        ),
        migrations.AddConstraint(
            model_name="wishdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("choice", "respect"), ("reason", "")),
                    models.Q(("choice", "go"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="going_has_a_reason",
            ),
        ),
        tenant_table("signals_nocontactwish"),
        append_only("signals_nocontactwish", stamp="at"),
        within_municipality("signals_nocontactwish", "dossier_id", "signals_dossier"),
        within_municipality("signals_nocontactwish", "signal_id", "signals_signal"),
        within_municipality("signals_nocontactwish", "withdraws_id", "signals_nocontactwish"),
        within_municipality("signals_nocontactwish", "by_id", "municipalities_membership", parent_column="user_id"),
        tenant_table("signals_wishdecision"),
        append_only("signals_wishdecision", stamp="at"),
        within_municipality("signals_wishdecision", "wish_id", "signals_nocontactwish"),
        within_municipality("signals_wishdecision", "signal_id", "signals_signal"),
        within_municipality("signals_wishdecision", "by_id", "municipalities_membership", parent_column="user_id"),
        # A wish holds for later signals about the same door, also for a worker who never saw the first one; it names nobody.
        within_reach("signals_nocontactwish", mine="true", closed_to=[Reach.STANDING, Reach.COMPARING]),
        within_reach(
            "signals_wishdecision",
            mine="signal_id IN (SELECT signal_id FROM signals_in_sight())",
            closed_to=[Reach.STANDING, Reach.COMPARING],
        ),
    ]
