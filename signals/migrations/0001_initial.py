import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, never_deleted, tenant_table, within_municipality

CLOCK_STARTS = """
-- The moments of the promise are the database's. Elapsed hours: an interval of seconds, never of days, so that 48 hours
-- stay 48 hours across a change of the clocks, whatever time zone the session has.
CREATE FUNCTION signals_receive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.received_at := portal_now();
    SELECT NEW.received_at + make_interval(secs => extract(epoch FROM response_window)::double precision)
        INTO STRICT NEW.due_at FROM municipalities_municipality WHERE id = NEW.municipality_id;
    RETURN NEW;
END $$;
CREATE TRIGGER receives BEFORE INSERT ON signals_signal FOR EACH ROW EXECUTE FUNCTION signals_receive();

-- No signal without a running clock, whoever writes it.
CREATE FUNCTION signals_start_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signals_clock (municipality_id, signal_id, kind, level, due_at, next_at)
        VALUES (NEW.municipality_id, NEW.id, 'visit', 1, NEW.due_at, NEW.due_at);
    RETURN NULL;
END $$;
CREATE TRIGGER starts_clock AFTER INSERT ON signals_signal FOR EACH ROW EXECUTE FUNCTION signals_start_clock();

CREATE FUNCTION signals_keep_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.municipality_id, NEW.reference, NEW.draft, NEW.receipt_fingerprint, NEW.received_at, NEW.due_at)
        IS DISTINCT FROM (OLD.id, OLD.municipality_id, OLD.reference, OLD.draft, OLD.receipt_fingerprint,
                          OLD.received_at, OLD.due_at) THEN
        RAISE EXCEPTION 'what was promised at receipt does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keeps_promise BEFORE UPDATE ON signals_signal FOR EACH ROW EXECUTE FUNCTION signals_keep_promise();
"""

HISTORY_MATCHES = """
-- update(), bulk operations and plain SQL write no history: at commit a changed signal must equal its newest history row.
CREATE FUNCTION signals_history_matches() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    outer_tenant text := coalesce(current_setting('app.municipality', true), '');
    present jsonb;
    newest jsonb;
BEGIN
    PERFORM set_config('app.municipality', NEW.municipality_id::text, true);
    SELECT to_jsonb(s) - '{story,draft,receipt_fingerprint}'::text[] INTO present
        FROM signals_signal s WHERE s.id = NEW.id;
    SELECT to_jsonb(h) INTO newest FROM signals_historicalsignal h
        WHERE h.municipality_id = NEW.municipality_id AND h.id = NEW.id ORDER BY h.history_id DESC LIMIT 1;
    PERFORM set_config('app.municipality', outer_tenant, true);
    -- Not by containment: a list contains every shorter one.
    IF EXISTS (SELECT FROM jsonb_each(present) AS field WHERE newest -> field.key IS DISTINCT FROM field.value) THEN
        RAISE EXCEPTION 'signal % was changed without its history', NEW.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER history_matches AFTER INSERT OR UPDATE ON signals_signal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION signals_history_matches();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
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
                "verbose_name": "dossier",
                "verbose_name_plural": "dossiers",
            },
        ),
        migrations.CreateModel(
            name="Reporter",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("self", "The person themselves"),
                            ("family", "Family"),
                            ("friend", "Friend or acquaintance"),
                            ("neighbour", "Neighbour"),
                            ("shop", "Shop, hairdresser or market stall"),
                            ("pharmacy", "Pharmacy"),
                            ("delivery", "Post or parcel delivery"),
                            ("housing", "Housing association or caretaker"),
                            ("care", "Doctor, home care or welfare work"),
                            ("club", "Library, choir or sports club"),
                            ("volunteer", "Volunteer or faith community"),
                            ("official", "Police or municipality"),
                            ("other", "Somebody else"),
                        ],
                        max_length=20,
                        verbose_name="kind of reporter",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="phone number")),
                ("may_call", models.BooleanField(default=False, verbose_name="the worker may call")),
                (
                    "may_be_named",
                    models.BooleanField(default=False, verbose_name="the person may know who reported"),
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
                "verbose_name": "reporter",
                "verbose_name_plural": "reporters",
            },
        ),
        migrations.CreateModel(
            name="HistoricalSignal",
            fields=[
                ("id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                (
                    "about",
                    models.CharField(
                        choices=[("other", "About somebody else"), ("self", "About myself")],
                        max_length=10,
                        verbose_name="about",
                    ),
                ),
                (
                    "signs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("curtains", "The curtains stay closed"),
                                ("post", "The letterbox is full"),
                                ("garden", "House or garden is neglected"),
                                ("light", "The light burns by day"),
                                ("unseen", "No longer seen outside"),
                                ("absent", "Stopped coming to the shop, club or church"),
                                ("looks", "Looks tired, thin or uncared for"),
                                ("sad", "Is sad, anxious or says nothing matters"),
                                ("loss", "Has lost somebody, or something big has changed"),
                                ("chat", "Comes by very often just for a chat"),
                                ("nobody", "Hardly sees anybody"),
                                ("feeling", "I just have a feeling that something is wrong"),
                                ("else", "Something else"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                        verbose_name="signs",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("assigned", "assigned"),
                            ("in_contact", "contact attempted"),
                            ("visited", "somebody came by"),
                            ("closed", "closed"),
                        ],
                        default="received",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="received"),
                ),
                (
                    "due_at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="visit due"),
                ),
                ("assigned_at", models.DateTimeField(null=True, verbose_name="assigned")),
                ("first_attempt_at", models.DateTimeField(null=True, verbose_name="first attempt")),
                ("reached_at", models.DateTimeField(null=True, verbose_name="reached")),
                ("visited_at", models.DateTimeField(null=True, verbose_name="visited")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "close_reason",
                    models.CharField(
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
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="signals.dossier",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="municipalities.partner",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="signals.reporter",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical signal",
                "verbose_name_plural": "historical signals",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Resident",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                ("postcode", models.CharField(blank=True, max_length=7, verbose_name="postcode")),
                ("house_number", models.CharField(blank=True, max_length=6, verbose_name="house number")),
                (
                    "house_number_addition",
                    models.CharField(blank=True, max_length=10, verbose_name="addition"),
                ),
                ("street", models.CharField(blank=True, max_length=100, verbose_name="street")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="place")),
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
                "verbose_name": "resident",
                "verbose_name_plural": "residents",
            },
        ),
        migrations.AddField(
            model_name="dossier",
            name="resident",
            field=models.OneToOneField(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="signals.resident"
            ),
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                (
                    "draft",
                    models.UUIDField(help_text="the draft this was sent from; sending twice gives one signal"),
                ),
                ("receipt_fingerprint", models.CharField(max_length=64)),
                (
                    "about",
                    models.CharField(
                        choices=[("other", "About somebody else"), ("self", "About myself")],
                        max_length=10,
                        verbose_name="about",
                    ),
                ),
                (
                    "signs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("curtains", "The curtains stay closed"),
                                ("post", "The letterbox is full"),
                                ("garden", "House or garden is neglected"),
                                ("light", "The light burns by day"),
                                ("unseen", "No longer seen outside"),
                                ("absent", "Stopped coming to the shop, club or church"),
                                ("looks", "Looks tired, thin or uncared for"),
                                ("sad", "Is sad, anxious or says nothing matters"),
                                ("loss", "Has lost somebody, or something big has changed"),
                                ("chat", "Comes by very often just for a chat"),
                                ("nobody", "Hardly sees anybody"),
                                ("feeling", "I just have a feeling that something is wrong"),
                                ("else", "Something else"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                        verbose_name="signs",
                    ),
                ),
                ("story", models.TextField(blank=True, verbose_name="in own words")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("assigned", "assigned"),
                            ("in_contact", "contact attempted"),
                            ("visited", "somebody came by"),
                            ("closed", "closed"),
                        ],
                        default="received",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="received"),
                ),
                (
                    "due_at",
                    models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="visit due"),
                ),
                ("assigned_at", models.DateTimeField(null=True, verbose_name="assigned")),
                ("first_attempt_at", models.DateTimeField(null=True, verbose_name="first attempt")),
                ("reached_at", models.DateTimeField(null=True, verbose_name="reached")),
                ("visited_at", models.DateTimeField(null=True, verbose_name="visited")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "close_reason",
                    models.CharField(
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
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signals",
                        to="signals.dossier",
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
                    "partner",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.partner",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signals.reporter",
                    ),
                ),
            ],
            options={
                "verbose_name": "signal",
                "verbose_name_plural": "signals",
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("visit", "home visit"),
                            ("revisit", "another visit, because nobody opened"),
                        ],
                        default="visit",
                        max_length=10,
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(default=1, help_text="the level of this clock's escalation"),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "next_at",
                    models.DateTimeField(help_text="when the next step is due; empty when none is left", null=True),
                ),
                ("escalated_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
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
                        related_name="clocks",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "clock",
                "verbose_name_plural": "clocks",
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("changed_at", models.DateTimeField(db_default=municipalities.database.PortalNow())),
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
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "indexes": [models.Index(fields=["municipality", "changed_at"], name="draft_age")],
            },
        ),
        migrations.AddConstraint(
            model_name="reporter",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="reporter_key"),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="resident_key"),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="dossier_key"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["municipality", "status", "received_at"], name="signal_by_status"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["municipality", "assigned_to"], name="signal_by_worker"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["municipality", "receipt_fingerprint"], name="signal_by_receipt"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(fields=("municipality", "reference"), name="signal_reference_once"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(fields=("municipality", "draft"), name="signal_draft_once"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="signal_key"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assigned_at", None), ("assigned_to", None)),
                    models.Q(("assigned_at__isnull", False), ("assigned_to__isnull", False)),
                    _connector="OR",
                ),
                name="assigned_to_whom_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("close_reason", ""), ("closed_at", None)),
                    models.Q(("closed_at__isnull", False), models.Q(("close_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="closed_when_and_why",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)),
                fields=["next_at", "municipality"],
                name="clock_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stopped_at", None)), fields=("signal",), name="one_running_clock"
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(fields=("signal", "level"), name="clock_level_once"),
        ),
        tenant_table("signals_draft"),
        migrations.RunSQL("ALTER TABLE signals_draft SET UNLOGGED;", migrations.RunSQL.noop),
        tenant_table("signals_reporter"),
        tenant_table("signals_resident"),
        tenant_table("signals_dossier"),
        within_municipality("signals_dossier", "resident_id", "signals_resident"),
        tenant_table("signals_signal"),
        within_municipality("signals_signal", "dossier_id", "signals_dossier"),
        within_municipality("signals_signal", "reporter_id", "signals_reporter"),
        within_municipality("signals_signal", "partner_id", "municipalities_partner"),
        within_municipality("signals_signal", "assigned_to_id", "municipalities_membership", parent_column="user_id"),
        tenant_table("signals_clock", readable_by_all=True),
        within_municipality("signals_clock", "signal_id", "signals_signal"),
        tenant_table("signals_historicalsignal"),
        within_municipality(
            "signals_historicalsignal", "history_user_id", "municipalities_membership", parent_column="user_id"
        ),
        append_only("signals_historicalsignal", stamp="history_date"),
        *[never_deleted(f"signals_{table}") for table in ("reporter", "resident", "dossier", "signal", "clock")],
        migrations.RunSQL(CLOCK_STARTS, migrations.RunSQL.noop),
        migrations.RunSQL(HISTORY_MATCHES, migrations.RunSQL.noop),
    ]
