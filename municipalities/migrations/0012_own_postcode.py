from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0011_glass_reason"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="home_fingerprint",
            field=models.CharField(blank=True, db_default="", default="", max_length=64, verbose_name="own postcode"),
        ),
    ]
