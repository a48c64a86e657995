import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from municipalities.database import CURRENT_USER, TENANT, reach_rule, within_municipality

MINE = f"(assigned_to_id = {CURRENT_USER} OR queue_id = ANY (ARRAY(SELECT signals_my_queues())))"
QUEUES = f"""
-- Of which organisation whoever asks is a worker here, today by the Dutch calendar.
CREATE FUNCTION signals_my_queues() RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT m.organisation_id FROM municipalities_membership AS m
    WHERE m.municipality_id = {TENANT} AND m.user_id = {CURRENT_USER} AND m.role = 'worker' AND m.is_active
    AND (m.ends_on IS NULL OR m.ends_on >= (portal_now() AT TIME ZONE 'Europe/Amsterdam')::date)
$$;

CREATE OR REPLACE FUNCTION signals_in_sight()
RETURNS TABLE (signal_id uuid, dossier_id bigint, reporter_id bigint, is_mine boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
BEGIN
    RETURN QUERY SELECT s.id, s.dossier_id, s.reporter_id, s.assigned_to_id IS NOT NULL FROM signals_signal AS s
    WHERE s.municipality_id = {TENANT} AND {MINE};
END $$;

ALTER POLICY reach ON signals_signal USING ({reach_rule(MINE)});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0011_glass_reason"),
        ("signals", "0005_protection"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalsignal",
            name="queue",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="municipalities.organisation",
                verbose_name="in the queue of",
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="queue",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.organisation",
                verbose_name="in the queue of",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(("queue", None), ("assigned_to", None), _connector="OR"),
                name="waits_or_is_assigned",
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(("queue__isnull", False)), fields=["municipality", "queue"], name="signal_by_queue"
            ),
        ),
        within_municipality("signals_signal", "queue_id", "municipalities_organisation"),
        migrations.RunSQL(QUEUES, migrations.RunSQL.noop),
    ]
