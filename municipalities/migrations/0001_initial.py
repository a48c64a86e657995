import datetime
import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import municipalities.database
import municipalities.models.municipality
from municipalities.database import (
    CURRENT_USER,
    append_only,
    foundation,
    never_deleted,
    tenant_table,
    within_municipality,
)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        foundation(),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="user_email_in_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Municipality",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "slug",
                    models.SlugField(
                        unique=True,
                        validators=[municipalities.models.municipality.check_slug_is_free],
                        verbose_name="address",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "area_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            max_length=6, validators=[django.core.validators.RegexValidator("^GM\\d{4}$")]
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="area codes",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="phone number")),
                (
                    "fallback_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="address when nobody else can be mailed"
                    ),
                ),
                (
                    "response_window",
                    models.DurationField(default=datetime.timedelta(days=2), verbose_name="time until the home visit"),
                ),
                (
                    "danger_numbers",
                    models.JSONField(
                        default=municipalities.models.municipality.danger_numbers,
                        verbose_name="numbers in acute danger",
                    ),
                ),
                (
                    "house_style",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        validators=[municipalities.models.municipality.check_house_style],
                        verbose_name="house style",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="takes part")),
                ("is_demo", models.BooleanField(default=False, verbose_name="made up, for demonstration")),
            ],
            options={
                "verbose_name": "municipality",
                "verbose_name_plural": "municipalities",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("response_window__gt", datetime.timedelta(0))),
                        name="municipality_window_is_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
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
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("coordinator", "coordinator"),
                            ("worker", "welfare worker"),
                            ("privacy_officer", "privacy officer"),
                            ("manager", "manager"),
                            ("platform_admin", "platform administrator"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
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
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("template", models.CharField(max_length=40)),
                ("recipient", models.EmailField(max_length=254)),
                ("context", models.JSONField(default=dict)),
                ("key", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(db_default=municipalities.database.PortalNow())),
                ("not_before", models.DateTimeField(db_default=municipalities.database.PortalNow())),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=80)),
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
                "verbose_name": "outgoing mail",
                "verbose_name_plural": "outgoing mail",
            },
        ),
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="code")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
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
                "verbose_name": "partner",
                "verbose_name_plural": "partners",
            },
        ),
        migrations.CreateModel(
            name="VaultKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("subject", models.UUIDField(default=uuid.uuid4)),
                ("wrapped", models.BinaryField()),
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
                "verbose_name": "vault key",
                "verbose_name_plural": "vault keys",
            },
        ),
        migrations.CreateModel(
            name="AccessLogEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("role", models.CharField(max_length=20, verbose_name="role")),
                ("action", models.CharField(max_length=40, verbose_name="what was opened")),
                ("reference", models.CharField(blank=True, max_length=20, verbose_name="reference")),
                (
                    "at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="when"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "verbose_name": "access log entry",
                "verbose_name_plural": "access log entries",
                "indexes": [models.Index(fields=["municipality", "reference", "at"], name="access_by_reference")],
            },
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.UniqueConstraint(fields=("municipality", "name"), name="organisation_name_once"),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="organisation_key"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("municipality", "user"), name="membership_once"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "worker"), _negated=True),
                    ("organisation__isnull", False),
                    _connector="OR",
                ),
                name="worker_has_an_organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                models.F("municipality"),
                models.F("not_before"),
                condition=models.Q(("sent_at__isnull", True)),
                name="outbox_unsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(fields=("municipality", "key"), name="outbox_key_once"),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="partner_key"),
        ),
        migrations.AddConstraint(
            model_name="vaultkey",
            constraint=models.UniqueConstraint(fields=("municipality", "subject"), name="vault_key_once"),
        ),
        tenant_table("municipalities_municipality", column="id", readable_by_all=True),
        tenant_table("municipalities_partner", readable_by_all=True),
        tenant_table("municipalities_organisation"),
        tenant_table("municipalities_membership"),
        # Somebody who has logged in may learn where they belong before a municipality is chosen.
        migrations.RunSQL(
            f"CREATE POLICY own_memberships ON municipalities_membership FOR SELECT USING (user_id = {CURRENT_USER});"
            f"CREATE POLICY own_organisations ON municipalities_organisation FOR SELECT USING (id IN "
            f"(SELECT organisation_id FROM municipalities_membership WHERE user_id = {CURRENT_USER}));",
            migrations.RunSQL.noop,
        ),
        within_municipality("municipalities_membership", "organisation_id", "municipalities_organisation"),
        tenant_table("municipalities_outboxmessage"),
        tenant_table("municipalities_vaultkey"),
        tenant_table("municipalities_accesslogentry"),
        within_municipality(
            "municipalities_accesslogentry", "user_id", "municipalities_membership", parent_column="user_id"
        ),
        append_only("municipalities_accesslogentry", stamp="at"),
        *[
            never_deleted(f"municipalities_{table}")
            for table in ("user", "municipality", "organisation", "partner", "membership")
        ],
    ]
