from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0012_paths"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reporter",
            name="kind",
            field=models.CharField(
                choices=[
                    ("self", "The person themselves"),
                    ("family", "Family"),
                    ("friend", "Friend or acquaintance"),
                    ("neighbour", "Neighbour"),
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
                max_length=20,
                verbose_name="kind of reporter",
            ),
        ),
    ]
