import django.db.models.deletion
from django.db import migrations, models

from municipalities.database import tenant_table

# Which versions there may be is noted by the database, so that no way of writing a key forgets it. The keys that are
# there already are read by the owner, who is bound by row-level security as well until that is lifted for a moment.
NOTES_VERSIONS = """
CREATE FUNCTION municipalities_note_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO municipalities_keyversion (municipality_id, version) VALUES (NEW.municipality_id, NEW.version)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER notes_version AFTER INSERT OR UPDATE ON municipalities_vaultkey
    FOR EACH ROW EXECUTE FUNCTION municipalities_note_version();
ALTER TABLE municipalities_vaultkey NO FORCE ROW LEVEL SECURITY;
INSERT INTO municipalities_keyversion (municipality_id, version)
    SELECT DISTINCT municipality_id, version FROM municipalities_vaultkey;
ALTER TABLE municipalities_vaultkey FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0016_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
            ],
            options={"verbose_name": "key version", "verbose_name_plural": "key versions"},
        ),
        migrations.AddConstraint(
            model_name="keyversion",
            constraint=models.UniqueConstraint(fields=("municipality", "version"), name="key_version_once"),
        ),
        migrations.AddField(
            model_name="vaultkey",
            name="version",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(models.F("wrapped"), 0, function="get_byte"),
                output_field=models.IntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="vaultkey",
            index=models.Index(fields=["municipality", "version"], name="vault_key_by_version"),
        ),
        migrations.RunSQL(NOTES_VERSIONS, migrations.RunSQL.noop),
        tenant_table("municipalities_keyversion", readable_by_all=True),
    ]
