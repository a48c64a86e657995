import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import (
    TENANT,
    append_only,
    never_deleted,
    tenant_table,
    within_municipality,
    within_reach,
)
from municipalities.ledger import chained
from municipalities.permissions import Reach

# The wishes that hold for these signals: said about the same person, or at the same address. Which those are, the database
# knows of everybody; whoever asks learns of it only what concerns a signal within their own reach.
WISHES_FOR = f"""
CREATE FUNCTION signals_wishes_for(asked uuid[]) RETURNS TABLE (signal_id uuid, wish_id bigint)
LANGUAGE plpgsql ROWS 5 AS $$
DECLARE
    me text := coalesce(current_setting('app.user', true), '');
BEGIN
    asked := ARRAY(SELECT s.id FROM signals_signal AS s WHERE s.municipality_id = {TENANT} AND s.id = ANY (asked));
    -- The portal itself: a wish is respected by a worker who never saw the signal about which it was said.
    PERFORM set_config('app.user', '', true);
    RETURN QUERY
    WITH standing AS (
        SELECT w.id, w.dossier_id, r.address_fingerprint AS address FROM signals_nocontactwish AS w
        JOIN signals_dossier AS d ON (d.municipality_id, d.id) = (w.municipality_id, w.dossier_id)
        JOIN signals_resident AS r ON (r.municipality_id, r.id) = (d.municipality_id, d.resident_id)
        WHERE w.municipality_id = {TENANT} AND w.withdraws_id IS NULL AND NOT EXISTS (
            SELECT FROM signals_nocontactwish AS back
            WHERE back.municipality_id = w.municipality_id AND back.withdraws_id = w.id)
    )
    SELECT s.id, standing.id FROM signals_signal AS s
    JOIN signals_dossier AS d ON (d.municipality_id, d.id) = (s.municipality_id, s.dossier_id)
    JOIN signals_resident AS r ON (r.municipality_id, r.id) = (d.municipality_id, d.resident_id)
    JOIN standing ON standing.dossier_id = s.dossier_id
        OR standing.address = r.address_fingerprint AND standing.address <> ''
    WHERE s.municipality_id = {TENANT} AND s.id = ANY (asked);
    PERFORM set_config('app.user', me, true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0016_ledger"),
        ("signals", "0008_erasing"),
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
        *(chained(f"signals_{name}") for name in ("nocontactwish", "wishdecision", "reporterchange")),
        migrations.RunSQL(WISHES_FOR, migrations.RunSQL.noop),
    ]
