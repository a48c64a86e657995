from django.db import migrations

# As Django's DatabaseCache wants it, but UNLOGGED: it holds minutes, and losing it in a crash costs nothing.
TABLE = """
CREATE UNLOGGED TABLE portal_counters (
    cache_key varchar(64) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX portal_counters_expires ON portal_counters (expires);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0013_tally"),
    ]

    operations = [migrations.RunSQL(TABLE, "DROP TABLE portal_counters")]
