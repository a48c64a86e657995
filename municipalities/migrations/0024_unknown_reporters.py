from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0023_house_style"),
    ]

    operations = [
        migrations.AddField(
            model_name="municipality",
            name="allows_unknown_reporters",
            field=models.BooleanField(
                db_default=True, default=True, verbose_name="reporters may stay unknown to everybody"
            ),
        ),
        migrations.AlterField(
            model_name="partner",
            name="kind",
            field=models.CharField(
                choices=[
                    ("shop", "Shop, hairdresser or other business"),
                    ("pharmacy", "Pharmacy"),
                    ("delivery", "Post or parcel delivery"),
                    ("housing", "Housing association or caretaker"),
                    ("care", "Doctor, home care or welfare work"),
                    ("club", "Library, choir or sports club"),
                    ("volunteer", "Volunteer or faith community"),
                    ("official", "Police, municipality or school"),
                    ("other", "Somebody else"),
                ],
                default="other",
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
