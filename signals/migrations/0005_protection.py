import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import (
    CURRENT_USER,
    TENANT,
    append_only,
    tenant_table,
    within_municipality,
    within_reach,
)
from municipalities.permissions import Reach

GLASS = f"""
-- The record is the deed.
CREATE FUNCTION signals_protects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE signals_dossier SET is_protected = NEW.is_on
        WHERE municipality_id = NEW.municipality_id AND id = NEW.dossier_id;
    RETURN NULL;
END $$;
CREATE TRIGGER protects AFTER INSERT ON signals_protection FOR EACH ROW EXECUTE FUNCTION signals_protects();

-- What is protected from whoever asks: not assigned to them, and the glass not broken by them in the last hour. Few rows,
-- asked once a statement. The portal itself at work has no glass before it, nor what only compares names.
CREATE FUNCTION signals_behind_glass() RETURNS TABLE (signal_id uuid, resident_id bigint, reporter_id bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 AS $$
DECLARE
    me bigint := {CURRENT_USER};
BEGIN
    IF me IS NULL OR portal_reach() = 'comparing' THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT s.id, d.resident_id, s.reporter_id
    FROM signals_dossier AS d JOIN signals_signal AS s ON s.municipality_id = d.municipality_id AND s.dossier_id = d.id
    WHERE d.municipality_id = {TENANT} AND d.is_protected AND NOT EXISTS (
        SELECT FROM signals_signal AS mine WHERE mine.municipality_id = d.municipality_id AND mine.dossier_id = d.id
        AND (mine.assigned_to_id = me OR EXISTS (
            SELECT FROM municipalities_accesslogentry AS glass
            WHERE glass.municipality_id = mine.municipality_id AND glass.reference = mine.reference
            AND glass.user_id = me AND glass.action = 'glass' AND glass.at > portal_now() - interval '1 hour')));
END $$;

CREATE POLICY glass ON signals_resident AS RESTRICTIVE
    USING (id <> ALL (ARRAY(SELECT resident_id FROM signals_behind_glass())));
CREATE POLICY glass ON signals_reporter AS RESTRICTIVE
    USING (id <> ALL (ARRAY(SELECT reporter_id FROM signals_behind_glass())));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0011_glass_reason"),
        ("signals", "0004_reach"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="dossier",
            name="is_protected",
            field=models.BooleanField(db_default=False, default=False, verbose_name="protected"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                condition=models.Q(("is_protected", True)), fields=["municipality"], name="dossier_protected"
            ),
        ),
        migrations.CreateModel(
            name="Protection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_on", models.BooleanField(verbose_name="protected")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("colleague", "A relative or acquaintance of a colleague"),
                            ("known", "Somebody whom many people know"),
                            ("secret", "The address has to stay secret"),
                            ("asked", "The person asked for it"),
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
                    "dossier",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="protections",
                        to="signals.dossier",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "verbose_name": "protection",
                "verbose_name_plural": "protections",
                "indexes": [models.Index(fields=["municipality", "dossier"], name="protection_by_dossier")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_on", False), ("reason", "")),
                            models.Q(("is_on", True), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="protected_why",
                    )
                ],
            },
        ),
        tenant_table("signals_protection"),
        within_municipality("signals_protection", "dossier_id", "signals_dossier"),
        within_municipality("signals_protection", "by_id", "municipalities_membership", parent_column="user_id"),
        append_only("signals_protection", stamp="at"),
        within_reach(
            "signals_protection",
            mine="dossier_id IN (SELECT dossier_id FROM signals_in_sight())",
            closed_to=[Reach.COMPARING],
        ),
        migrations.RunSQL(GLASS, migrations.RunSQL.noop),
    ]
