from django.db import migrations

# The function as it is by now, with one thing more that it says of a signal.
WITH_THE_QUEUE = """
DO $$
DECLARE
    said text := $said$'worker_id', s.assigned_to_id$said$;
    before text := pg_get_functiondef('followup_hold_due'::regproc);
    after text := replace(before, said, said || $said$, 'queue_id', s.queue_id$said$);
BEGIN
    IF after = before THEN
        RAISE EXCEPTION 'followup_hold_due does not say who has the signal';
    END IF;
    EXECUTE after;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0005_glass"),
        ("signals", "0006_queue"),
    ]

    operations = [
        migrations.RunSQL(WITH_THE_QUEUE, migrations.RunSQL.noop),
    ]
