from django.db import migrations

# Many mails are queued by one statement: one more row for each of them, by one statement too.
KEEPS_DUE_OF_NEW = """
CREATE FUNCTION municipalities_outbox_due_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO municipalities_outboxdue (id, municipality_id, next_at, waiting_since)
    SELECT id, municipality_id,
        CASE WHEN state = 'claimed' THEN greatest(claimed_until, not_before) ELSE not_before END,
        greatest(created_at, wanted_at)
    FROM fresh WHERE state IN ('ready', 'claimed');
    RETURN NULL;
END $$;
DROP TRIGGER keeps_due ON municipalities_outboxmessage;
CREATE TRIGGER keeps_due AFTER UPDATE OR DELETE ON municipalities_outboxmessage
    FOR EACH ROW EXECUTE FUNCTION municipalities_outbox_due();
CREATE TRIGGER keeps_due_of_new AFTER INSERT ON municipalities_outboxmessage
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION municipalities_outbox_due_of_new();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0006_unreached_mail"),
    ]

    operations = [
        migrations.RunSQL(KEEPS_DUE_OF_NEW, migrations.RunSQL.noop),
    ]
