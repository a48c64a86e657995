import django.db.models.deletion
from django.db import migrations, models

from municipalities.database import within_municipality


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0003_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="is_deputy",
            field=models.BooleanField(default=False, verbose_name="deputises for the coordinators"),
        ),
        migrations.AddField(
            model_name="membership",
            name="absent_from",
            field=models.DateField(blank=True, null=True, verbose_name="first day away"),
        ),
        migrations.AddField(
            model_name="membership",
            name="absent_until",
            field=models.DateField(blank=True, null=True, verbose_name="last day away"),
        ),
        migrations.AddField(
            model_name="membership",
            name="stand_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.membership",
                verbose_name="stand-in",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="membership_key"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("absent_from", None), ("absent_until", None)),
                    models.Q(
                        ("absent_from__isnull", False),
                        ("absent_until__gte", models.F("absent_from")),
                        ("absent_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="absent_from_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stand_in", None),
                    models.Q(("stand_in", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_stands_in_for_themselves",
            ),
        ),
        within_municipality("municipalities_membership", "stand_in_id", "municipalities_membership"),
    ]
