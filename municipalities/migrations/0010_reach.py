from django.db import migrations

from municipalities.database import reaches, within_reach
from municipalities.permissions import Reach


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0009_access_reason"),
    ]

    operations = [
        reaches(),
        # Without its key a sealed text says nothing, whoever can read the row.
        within_reach("municipalities_vaultkey", mine="true", closed_to=[Reach.STANDING, Reach.COMPARING]),
    ]
