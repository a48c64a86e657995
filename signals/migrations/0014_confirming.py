from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0013_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="reporter",
            name="email_confirmed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="when the e-mail address was confirmed"),
        ),
    ]
