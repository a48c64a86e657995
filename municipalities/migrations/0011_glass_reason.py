from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0010_reach"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accesslogentry",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("danger", "Somebody is in danger"),
                    ("not_found", "The person or the address cannot be found without the reporter"),
                    ("asked", "The reporter asked to be called"),
                    ("deciding", "I decide who goes, or what has to be done next"),
                    ("late", "The visit is late and I see to it"),
                    ("request", "The person asks to see or correct what is recorded"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
    ]
