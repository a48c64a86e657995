from django.db import migrations, models

# As portal_counters: what is known for a day, and no harm when a crash takes it. Apart from the counters, so that many
# addresses never push out a code that was used.
CACHE = """
CREATE UNLOGGED TABLE portal_addresses (
    cache_key varchar(64) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX portal_addresses_expires ON portal_addresses (expires);
"""
# Public knowledge that is loaded by the owner: whoever serves only reads it.
ONLY_READ = """
REVOKE INSERT, UPDATE, DELETE ON municipalities_knownaddress, municipalities_area FROM portal_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0021_password_requests"),
    ]

    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE portal_addresses"),
        migrations.CreateModel(
            name="Area",
            fields=[
                (
                    "code",
                    models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name="area code"),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="phone number")),
                ("url", models.URLField(blank=True, verbose_name="website")),
            ],
            options={
                "verbose_name": "area",
                "verbose_name_plural": "areas",
            },
        ),
        migrations.CreateModel(
            name="KnownAddress",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "postcode", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("postcode", models.CharField(max_length=6, verbose_name="postcode")),
                ("number", models.IntegerField(verbose_name="house number")),
                ("area", models.CharField(max_length=6, verbose_name="area code")),
            ],
            options={
                "verbose_name": "known address",
                "verbose_name_plural": "known addresses",
            },
        ),
        migrations.RunSQL(ONLY_READ, migrations.RunSQL.noop),
    ]
