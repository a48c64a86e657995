import django.db.models.deletion
from django.db import migrations, models

from municipalities.database import tenant_table

# A mail is known by the first of its copies. Urgent is 1. What happens to the chain happens under its lock.
KEEPS_UNREACHED = """
CREATE FUNCTION municipalities_unreached_mail() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first bigint := coalesce(NEW.relay_of, NEW.id);
BEGIN
    IF EXISTS (SELECT FROM municipalities_outboxmessage WHERE municipality_id = NEW.municipality_id
               AND (id = first OR relay_of = first) AND state NOT IN ('given_up', 'bounced')) THEN
        DELETE FROM municipalities_unreachedmail WHERE id = first;
    ELSE
        INSERT INTO municipalities_unreachedmail (id, municipality_id, since)
            VALUES (first, NEW.municipality_id, portal_now()) ON CONFLICT (id) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
-- Conditions here, so that queueing a thousand mails and sending them calls nothing.
CREATE TRIGGER failed_or_not AFTER UPDATE OF state ON municipalities_outboxmessage FOR EACH ROW
    WHEN (NEW.urgency = 1 AND (NEW.state IN ('given_up', 'bounced')) <> (OLD.state IN ('given_up', 'bounced')))
    EXECUTE FUNCTION municipalities_unreached_mail();
CREATE TRIGGER passed_on AFTER INSERT ON municipalities_outboxmessage FOR EACH ROW
    WHEN (NEW.urgency = 1 AND NEW.relay_of IS NOT NULL)
    EXECUTE FUNCTION municipalities_unreached_mail();
"""

# What reached nobody before this was known must be told as well; the owner lifts FORCE to see the rows.
UNREACHED_BEFORE = """
ALTER TABLE municipalities_outboxmessage NO FORCE ROW LEVEL SECURITY;
ALTER TABLE municipalities_unreachedmail NO FORCE ROW LEVEL SECURITY;
INSERT INTO municipalities_unreachedmail (id, municipality_id, since)
    SELECT coalesce(relay_of, id), municipality_id, max(coalesce(sent_at, created_at))
    FROM municipalities_outboxmessage WHERE urgency = 1
    GROUP BY 1, 2 HAVING bool_and(state IN ('given_up', 'bounced'));
-- The keys of these rows are checked now: a table with checks still to come cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE municipalities_unreachedmail FORCE ROW LEVEL SECURITY;
ALTER TABLE municipalities_outboxmessage FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0005_ladder"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnreachedMail",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        help_text="the id of the first of the copies", primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField(help_text="when somebody said that they know", null=True)),
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
                "verbose_name": "mail that reached nobody",
                "verbose_name_plural": "mail that reached nobody",
            },
        ),
        tenant_table("municipalities_unreachedmail", readable_by_all=True),
        migrations.RunSQL(KEEPS_UNREACHED, migrations.RunSQL.noop),
        migrations.RunSQL(UNREACHED_BEFORE, migrations.RunSQL.noop),
    ]
