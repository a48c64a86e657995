import django.db.models.deletion
from django.db import migrations, models

from municipalities.database import append_only, tenant_table
from municipalities.ledger import ledger


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0015_sign_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "municipality", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(help_text="counted from one in each municipality, without a gap")),
                ("source", models.CharField(help_text="the table that the row stands in", max_length=63)),
                ("row_key", models.CharField(help_text="the row's key, as text", max_length=40)),
                (
                    "columns",
                    models.PositiveSmallIntegerField(help_text="how many columns the table had: the first ones"),
                ),
                ("digest", models.BinaryField()),
                ("hash", models.BinaryField()),
                (
                    "municipality",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
            },
        ),
        tenant_table("municipalities_ledgerentry"),
        append_only("municipalities_ledgerentry"),
        ledger(),
    ]
