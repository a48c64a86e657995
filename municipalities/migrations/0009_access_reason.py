from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0008_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesslogentry",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("danger", "Somebody is in danger"),
                    ("not_found", "The person or the address cannot be found without the reporter"),
                    ("asked", "The reporter asked to be called"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
    ]
