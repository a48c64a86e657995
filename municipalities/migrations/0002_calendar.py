import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.models.calendar
from municipalities.database import tenant_table, within_municipality


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="municipality",
            name="clock_kind",
            field=models.CharField(
                choices=[
                    ("clock_hours", "Every hour, also at night and in the weekend"),
                    ("working_hours", "Only the hours in which we are open"),
                ],
                default="clock_hours",
                max_length=20,
                verbose_name="hours that count",
            ),
        ),
        migrations.AddField(
            model_name="municipality",
            name="opening_hours",
            field=models.JSONField(
                default=municipalities.models.calendar.office_hours,
                validators=[municipalities.models.calendar.check_opening_hours],
                verbose_name="opening hours",
            ),
        ),
        migrations.AddField(
            model_name="municipality",
            name="max_pause_days",
            field=models.PositiveSmallIntegerField(default=7, verbose_name="longest pause in days"),
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("date", models.DateField(verbose_name="date")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "verbose_name": "holiday",
                "verbose_name_plural": "holidays",
                "constraints": [models.UniqueConstraint(fields=("municipality", "date"), name="holiday_date_once")],
            },
        ),
        tenant_table("municipalities_holiday"),
        within_municipality("municipalities_holiday", "by_id", "municipalities_membership", parent_column="user_id"),
    ]
