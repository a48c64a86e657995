import django.db.models.deletion
from django.db import migrations, models

import municipalities.models.sign_on
from municipalities.database import tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0014_counters"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "issuer",
                    models.CharField(
                        max_length=500,
                        validators=[municipalities.models.sign_on.check_issuer],
                        verbose_name="issuer",
                    ),
                ),
                ("client_id", models.CharField(max_length=255, verbose_name="client id")),
                ("client_secret", models.BinaryField(help_text="sealed with the vault")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
            ],
            options={
                "verbose_name": "single sign-on",
                "verbose_name_plural": "single sign-ons",
                "constraints": [models.UniqueConstraint(fields=("municipality",), name="one_sign_on")],
            },
        ),
        tenant_table("municipalities_signon"),
    ]
