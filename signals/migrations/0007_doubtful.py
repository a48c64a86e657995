import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from municipalities.database import within_municipality

BY_TWO = """
-- Whoever closes as false is somebody else than who proposed it. A signal equals its newest history row, so it holds here.
ALTER TABLE signals_historicalsignal ADD CONSTRAINT rejected_by_two CHECK (
    history_change_reason IS DISTINCT FROM 'closed' OR close_reason <> 'rejected'
    OR coalesce(history_user_id <> rejection_by_id, false)
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0013_tally"),
        ("signals", "0006_queue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalsignal",
            name="doubts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("trap", "A field was filled in that people do not see"),
                        ("fast", "The form was filled in faster than people type"),
                        ("crowd", "Several people reported about this address within a day"),
                        ("waited", "It was sent while very much came in, without the calculation that browsers make"),
                    ],
                    max_length=10,
                ),
                default=list,
                size=None,
                verbose_name="why it is doubtful",
            ),
        ),
        migrations.AddField(
            model_name="historicalsignal",
            name="rejection_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who wants to close it as false",
            ),
        ),
        migrations.AddField(
            model_name="resident",
            name="address_fingerprint",
            field=models.CharField(blank=True, help_text="equal for the same address", max_length=64),
        ),
        migrations.AddField(
            model_name="signal",
            name="doubts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("trap", "A field was filled in that people do not see"),
                        ("fast", "The form was filled in faster than people type"),
                        ("crowd", "Several people reported about this address within a day"),
                        ("waited", "It was sent while very much came in, without the calculation that browsers make"),
                    ],
                    max_length=10,
                ),
                default=list,
                size=None,
                verbose_name="why it is doubtful",
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="rejection_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who wants to close it as false",
            ),
        ),
        migrations.AlterField(
            model_name="historicalsignal",
            name="close_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("helped", "The person was helped"),
                    ("no_help_needed", "We spoke; no help is needed"),
                    ("refused", "The person does not want contact"),
                    ("handed_over", "Handed over to other care, with consent"),
                    ("moved", "The person has moved"),
                    ("deceased", "The person has died"),
                    ("in_care", "The person is in care or hospital"),
                    ("wrong_address", "The address is wrong"),
                    ("duplicate", "The same worry was reported before"),
                    ("outside_area", "The person lives in another municipality"),
                    ("no_contact", "No contact after several attempts"),
                    ("rejected", "False or malicious; two people decide this"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
        migrations.AlterField(
            model_name="signal",
            name="close_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("helped", "The person was helped"),
                    ("no_help_needed", "We spoke; no help is needed"),
                    ("refused", "The person does not want contact"),
                    ("handed_over", "Handed over to other care, with consent"),
                    ("moved", "The person has moved"),
                    ("deceased", "The person has died"),
                    ("in_care", "The person is in care or hospital"),
                    ("wrong_address", "The address is wrong"),
                    ("duplicate", "The same worry was reported before"),
                    ("outside_area", "The person lives in another municipality"),
                    ("no_contact", "No contact after several attempts"),
                    ("rejected", "False or malicious; two people decide this"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("address_fingerprint", ""), _negated=True),
                fields=["municipality", "address_fingerprint"],
                name="resident_by_address",
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(("doubts", []), _negated=True), fields=["municipality"], name="signal_doubtful"
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("close_reason", "rejected"), _negated=True),
                    ("rejection_by__isnull", False),
                    _connector="OR",
                ),
                name="rejected_by_somebody_first",
            ),
        ),
        within_municipality("signals_signal", "rejection_by_id", "municipalities_membership", parent_column="user_id"),
        migrations.RunSQL(BY_TWO, migrations.RunSQL.noop),
    ]
