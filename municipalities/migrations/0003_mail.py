import datetime

import django.db.models.deletion
from django.db import migrations, models

from municipalities.database import tenant_table

# Mail that was sent before states existed must not leave once more; the owner lifts FORCE to see the rows.
STATES_OF_OLD_MAIL = """
ALTER TABLE municipalities_outboxmessage NO FORCE ROW LEVEL SECURITY;
ALTER TABLE municipalities_outboxdue NO FORCE ROW LEVEL SECURITY;
UPDATE municipalities_outboxmessage SET state = 'offered' WHERE sent_at IS NOT NULL;
UPDATE municipalities_outboxmessage SET urgency = 1 WHERE template = 'escalation';
INSERT INTO municipalities_outboxdue (id, municipality_id, next_at, waiting_since)
    SELECT id, municipality_id, not_before, created_at FROM municipalities_outboxmessage WHERE state = 'ready';
-- The keys of these rows are checked now: a table with checks still to come cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE municipalities_outboxdue FORCE ROW LEVEL SECURITY;
ALTER TABLE municipalities_outboxmessage FORCE ROW LEVEL SECURITY;
"""

KEEPS_DUE = """
CREATE FUNCTION municipalities_outbox_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM municipalities_outboxdue WHERE id = OLD.id;
    ELSIF NEW.state IN ('ready', 'claimed') THEN
        INSERT INTO municipalities_outboxdue (id, municipality_id, next_at, waiting_since) VALUES (
            NEW.id, NEW.municipality_id,
            CASE WHEN NEW.state = 'claimed' THEN greatest(NEW.claimed_until, NEW.not_before) ELSE NEW.not_before END,
            greatest(NEW.created_at, NEW.wanted_at))
        ON CONFLICT (id) DO UPDATE SET next_at = EXCLUDED.next_at, waiting_since = EXCLUDED.waiting_since;
    ELSE
        DELETE FROM municipalities_outboxdue WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keeps_due AFTER INSERT OR UPDATE OR DELETE ON municipalities_outboxmessage
    FOR EACH ROW EXECUTE FUNCTION municipalities_outbox_due();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0002_calendar"),
    ]

    operations = [
        migrations.AddField(
            model_name="municipality",
            name="quiet_from",
            field=models.TimeField(default=datetime.time(22, 0), verbose_name="no mail that can wait from"),
        ),
        migrations.AddField(
            model_name="municipality",
            name="quiet_until",
            field=models.TimeField(default=datetime.time(7, 0), verbose_name="no mail that can wait until"),
        ),
        migrations.AddField(
            model_name="municipality",
            name="all_clear_on",
            field=models.DateField(blank=True, null=True, verbose_name="day of the last morning mail"),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="state",
            field=models.CharField(
                choices=[
                    ("ready", "Ready"),
                    ("claimed", "Claimed"),
                    ("given_up", "Given Up"),
                    ("offered", "Offered"),
                    ("delivered", "Delivered"),
                    ("bounced", "Bounced"),
                ],
                default="ready",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="urgency",
            field=models.PositiveSmallIntegerField(choices=[(1, "Urgent"), (2, "Answer"), (3, "Ordinary")], default=3),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="second_recipient",
            field=models.EmailField(
                blank=True,
                default="",
                help_text="who gets it when the first cannot be reached",
                max_length=254,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="relay_of",
            field=models.BigIntegerField(help_text="the mail that did not reach its first recipient", null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="wanted_at",
            field=models.DateTimeField(help_text="the morning it was held until; its age counts from then", null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="provider_id",
            field=models.CharField(
                blank=True, default="", help_text="the provider's own number for it", max_length=200
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="sent_at",
            field=models.DateTimeField(help_text="when the provider had it", null=True),
        ),
        migrations.CreateModel(
            name="OutboxDue",
            fields=[
                (
                    "id",
                    models.BigIntegerField(help_text="the id of the mail", primary_key=True, serialize=False),
                ),
                (
                    "next_at",
                    models.DateTimeField(help_text="when it may be tried, or when the lease on it ends"),
                ),
                ("waiting_since", models.DateTimeField()),
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
                "verbose_name": "mail to be sent",
                "verbose_name_plural": "mail to be sent",
                "indexes": [models.Index(fields=["next_at", "municipality"], name="outbox_due")],
            },
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=64)),
                ("mail", models.BigIntegerField(help_text="id of the newest mail whose fate is known")),
                ("bounced_since", models.DateTimeField(null=True)),
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
                "verbose_name": "mailbox",
                "verbose_name_plural": "mailboxes",
                "constraints": [models.UniqueConstraint(fields=("municipality", "fingerprint"), name="mailbox_once")],
            },
        ),
        tenant_table("municipalities_outboxdue", readable_by_all=True),
        tenant_table("municipalities_mailbox"),
        migrations.RunSQL(STATES_OF_OLD_MAIL, migrations.RunSQL.noop),
        migrations.RunSQL(KEEPS_DUE, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_unsent"),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                models.F("municipality"),
                models.F("not_before"),
                condition=models.Q(("state__in", ["claimed", "ready"])),
                name="outbox_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                models.F("relay_of"), condition=models.Q(("relay_of__isnull", False)), name="outbox_relays"
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["ready", "claimed", "given_up", "offered", "delivered", "bounced"])),
                name="outbox_state_is_known",
            ),
        ),
    ]
