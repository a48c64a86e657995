from django.db import migrations

from municipalities.database import CURRENT_USER, TENANT


class Migration(migrations.Migration):
    """Who somebody is elsewhere shows only before a municipality is chosen, so that it admits to no other one."""

    dependencies = [("municipalities", "0017_vault_versions")]

    operations = [
        migrations.RunSQL(
            "DROP POLICY own_memberships ON municipalities_membership;"
            "CREATE POLICY own_memberships ON municipalities_membership FOR SELECT "
            f"USING (user_id = {CURRENT_USER} AND {TENANT} IS NULL);",
            migrations.RunSQL.noop,
        )
    ]
