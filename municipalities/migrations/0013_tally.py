from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0012_own_postcode"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "slot", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.UUIDField()),
                ("slot", models.PositiveSmallIntegerField()),
                ("ends_at", models.DateTimeField()),
                ("hits", models.IntegerField()),
            ],
            options={
                "verbose_name": "tally",
                "verbose_name_plural": "tallies",
            },
        ),
        # Counts that a crash may take; room on every page, so that counting on leaves no trail of dead rows in the index.
        migrations.RunSQL(
            "ALTER TABLE municipalities_tally SET UNLOGGED; ALTER TABLE municipalities_tally SET (fillfactor = 50);",
            migrations.RunSQL.noop,
        ),
    ]
