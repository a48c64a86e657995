import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("signals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SweepRun",
            fields=[
                ("caller", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("finished_at", models.DateTimeField()),
                ("escalated", models.PositiveIntegerField()),
                ("milliseconds", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "sweep",
                "verbose_name_plural": "sweeps",
            },
        ),
        migrations.CreateModel(
            name="ContactEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("home_visit", "Home visit"),
                            ("phone", "Phone call"),
                            ("letter", "Letter"),
                            ("card", "Card left"),
                            ("email", "E-mail"),
                            ("message", "Text message"),
                            ("conversation_elsewhere", "Conversation elsewhere"),
                            ("reporter_contact", "Contact with the reporter"),
                            ("partner_contact", "Contact with a partner"),
                        ],
                        max_length=30,
                        verbose_name="kind",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("spoken", "We spoke"),
                            ("worrying", "We spoke, and it is worrying"),
                            ("refused", "The person does not want contact"),
                            ("no_answer", "No answer"),
                            ("left_message", "Message or card left behind"),
                            ("not_here", "The person does not live here"),
                            ("withdrawn", "This contact was recorded by mistake"),
                        ],
                        max_length=20,
                        verbose_name="result",
                    ),
                ),
                ("reached", models.BooleanField(verbose_name="person reached")),
                ("occurred_at", models.DateTimeField(verbose_name="when it happened")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=municipalities.database.PortalNow(), verbose_name="when it was recorded"
                    ),
                ),
                ("sealed_note", models.BinaryField(default=b"")),
                (
                    "next_step",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing yet"),
                            ("visit_again", "Come by again"),
                            ("call", "Call the person"),
                            ("ask_coordinator", "Ask the coordinator"),
                            ("ready_to_close", "Ready to close"),
                        ],
                        max_length=20,
                        verbose_name="next step",
                    ),
                ),
                (
                    "idempotency_key",
                    models.UUIDField(default=uuid.uuid4, help_text="sending a form twice makes one entry"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="followup.contactentry",
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
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact entry",
                "verbose_name_plural": "contact entries",
                "indexes": [models.Index(fields=["municipality", "signal", "recorded_at"], name="contact_by_signal")],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "id"), name="contact_entry_key"),
                    models.UniqueConstraint(fields=("municipality", "idempotency_key"), name="contact_entry_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reached", False),
                            ("result__in", frozenset(["refused", "spoken", "worrying"])),
                            _connector="OR",
                        ),
                        name="reached_has_such_a_result",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                ("due_at", models.DateTimeField(verbose_name="was due")),
                (
                    "escalated_at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="escalated"),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation",
                "verbose_name_plural": "escalations",
                "constraints": [models.UniqueConstraint(fields=("signal", "level"), name="escalation_once")],
            },
        ),
        tenant_table("followup_contactentry"),
        append_only("followup_contactentry", stamp="recorded_at"),
        within_municipality("followup_contactentry", "signal_id", "signals_signal"),
        within_municipality("followup_contactentry", "by_id", "municipalities_membership", parent_column="user_id"),
        within_municipality("followup_contactentry", "corrects_id", "followup_contactentry"),
        tenant_table("followup_escalation"),
        append_only("followup_escalation", stamp="escalated_at"),
        within_municipality("followup_escalation", "signal_id", "signals_signal"),
    ]
