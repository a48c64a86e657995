from django.db import migrations

GLASS = """
CREATE POLICY glass ON followup_contactentry AS RESTRICTIVE
    USING (signal_id <> ALL (ARRAY(SELECT signal_id FROM signals_behind_glass())));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0004_reach"),
        ("signals", "0005_protection"),
    ]

    operations = [
        migrations.RunSQL(GLASS, migrations.RunSQL.noop),
    ]
