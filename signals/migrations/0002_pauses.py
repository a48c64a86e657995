import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality

RECEIVES = """
-- The moments of the promise are the database's. Elapsed hours: an interval of seconds, never of days, so that 48 hours
-- stay 48 hours across a change of the clocks, whatever time zone the session has. Working hours are counted by the
-- calendar, from a moment that was asked of this database just before; no working hour is shorter than an hour, so a
-- deadline that comes sooner than the window is not one.
CREATE OR REPLACE FUNCTION signals_receive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present timestamptz := portal_now();
    place record;
    span interval;
BEGIN
    SELECT clock_kind, response_window INTO STRICT place FROM municipalities_municipality WHERE id = NEW.municipality_id;
    span := make_interval(secs => extract(epoch FROM place.response_window)::double precision);
    IF place.clock_kind <> 'working_hours' THEN
        NEW.received_at := present;
        NEW.due_at := present + span;
        RETURN NEW;
    END IF;
    IF NEW.received_at IS NULL OR NEW.received_at NOT BETWEEN present - interval '10 seconds' AND present THEN
        NEW.received_at := present;
    END IF;
    IF NEW.due_at IS NULL OR NEW.due_at < NEW.received_at + span THEN
        RAISE EXCEPTION 'a deadline in working hours is counted before the signal is stored'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

ENDS_ITS_OWN = """
-- What ends a pause early is about the same signal and lies within it.
CREATE FUNCTION signals_ends_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A pause that is not there, or not this municipality's, is refused by the key.
    IF EXISTS (
        SELECT FROM signals_pause p WHERE p.id = NEW.ends_id AND (p.ends_id IS NOT NULL OR p.ends_at < NEW.ends_at
        OR (p.signal_id, p.starts_at, p.due_before) IS DISTINCT FROM (NEW.signal_id, NEW.starts_at, NEW.due_before))) THEN
        RAISE EXCEPTION 'this is not the end of that pause' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ends_its_own BEFORE INSERT ON signals_pause FOR EACH ROW EXECUTE FUNCTION signals_ends_its_own();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0002_calendar"),
        ("signals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("reporter_asked", "The reporter asked us to wait"),
                            ("away", "The person is away"),
                            ("hospital", "The person is in hospital"),
                            ("agreed", "Agreed with the person"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                ("due_before", models.DateTimeField(verbose_name="deadline before")),
                ("due_at", models.DateTimeField(verbose_name="deadline")),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="recorded"),
                ),
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
                    "ends",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ended",
                        to="signals.pause",
                        verbose_name="ends",
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
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "pause",
                "verbose_name_plural": "pauses",
                "indexes": [models.Index(fields=["municipality", "signal"], name="pause_by_signal")],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="pause_key"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="pause_takes_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gte", models.F("due_before"))),
                        name="pause_brings_nothing_forward",
                    ),
                ],
            },
        ),
        tenant_table("signals_pause"),
        within_municipality("signals_pause", "signal_id", "signals_signal"),
        within_municipality("signals_pause", "ends_id", "signals_pause"),
        within_municipality("signals_pause", "by_id", "municipalities_membership", parent_column="user_id"),
        append_only("signals_pause", stamp="recorded_at"),
        migrations.RunSQL(RECEIVES, migrations.RunSQL.noop),
        migrations.RunSQL(ENDS_ITS_OWN, migrations.RunSQL.noop),
    ]
