import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import municipalities.database
from municipalities.database import append_only, tenant_table, within_municipality, within_reach
from municipalities.ledger import chained
from municipalities.permissions import Reach

FOUR_EYES = """
-- A verdict is about the newest draft of its own request. Whoever prepared a draft never approves it, what is approved is
-- the very document that was drafted, and only an approved document is handed over: whatever statement comes.
CREATE FUNCTION followup_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    drafted record;
BEGIN
    IF NEW.kind NOT IN ('approved', 'sent_back', 'delivered') THEN
        RETURN NEW;
    END IF;
    SELECT id, by_id, sha256 INTO drafted FROM followup_requeststep
        WHERE request_id = NEW.request_id AND kind = 'drafted' ORDER BY id DESC LIMIT 1;
    IF drafted.id IS NULL OR drafted.id IS DISTINCT FROM NEW.draft_id THEN
        RAISE EXCEPTION 'not the newest draft of this request' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind IN ('approved', 'sent_back') AND drafted.by_id = NEW.by_id THEN
        RAISE EXCEPTION 'nobody judges what they prepared themselves' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind IN ('approved', 'delivered') AND drafted.sha256 <> NEW.sha256 THEN
        RAISE EXCEPTION 'not the document that was drafted' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind = 'delivered' AND NOT EXISTS (
        SELECT FROM followup_requeststep WHERE draft_id = NEW.draft_id AND kind = 'approved') THEN
        RAISE EXCEPTION 'nobody approved this document' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER four_eyes BEFORE INSERT ON followup_requeststep FOR EACH ROW EXECUTE FUNCTION followup_four_eyes();
ALTER TABLE followup_requeststep ENABLE ALWAYS TRIGGER four_eyes;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0008_erasing"),
        ("municipalities", "0016_ledger"),
        ("signals", "0009_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RightsRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("letter", "By letter"),
                            ("email", "By e-mail"),
                            ("phone", "By phone"),
                            ("counter", "At the counter"),
                            ("visit", "During a visit"),
                        ],
                        max_length=20,
                        verbose_name="how it was asked",
                    ),
                ),
                (
                    "identity",
                    models.CharField(
                        choices=[
                            ("document_seen", "We saw a passport or identity card"),
                            ("known", "The welfare worker knows the person and was there"),
                            ("called_back", "We called back on a number that we knew already"),
                            ("representative", "A representative showed the authorisation"),
                        ],
                        max_length=20,
                        verbose_name="how we know who asks",
                    ),
                ),
                ("asked_on", models.DateField(verbose_name="day on which it was asked")),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="recorded")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
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
                        related_name="requests",
                        to="signals.dossier",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "request",
                "verbose_name_plural": "requests",
            },
        ),
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("drafted", "The document was prepared."),
                            ("sent_back", "The document was sent back."),
                            ("approved", "The document was approved."),
                            ("delivered", "The person got the document."),
                            ("extended", "The term was extended by two months."),
                            ("dropped", "The request was ended without a document."),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "withheld",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                (
                    "released",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                ("made_on", models.DateField(null=True, verbose_name="document of")),
                ("log_until", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="fingerprint of the document")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("too_little", "Somebody else can still be recognised"),
                            ("too_much", "More is left out than is needed"),
                            ("not_complete", "Something is missing"),
                            ("wrong_person", "This is not the dossier of whoever asks"),
                            ("complex", "The dossier is large or difficult"),
                            ("many_requests", "There are many requests at this moment"),
                            ("by_post", "Sent by post to the address of the person"),
                            ("handed_over", "Handed over in person"),
                            ("read_together", "Read together with the person"),
                            ("taken_back", "The person no longer asks for it"),
                            ("no_identity", "We could not establish who asks"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="followup.requeststep",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="followup.rightsrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a request",
                "verbose_name_plural": "steps of requests",
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="rightsrequest",
            index=models.Index(fields=["municipality", "asked_on"], name="rights_request_age"),
        ),
        migrations.AddConstraint(
            model_name="rightsrequest",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="rights_request_key"),
        ),
        migrations.AddIndex(
            model_name="requeststep",
            index=models.Index(fields=["municipality", "request"], name="step_by_request"),
        ),
        migrations.AddConstraint(
            model_name="requeststep",
            constraint=models.UniqueConstraint(fields=("municipality", "id"), name="request_step_key"),
        ),
        migrations.AddConstraint(
            model_name="requeststep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["approved", "sent_back"])),
                fields=("draft",),
                name="one_verdict_a_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="requeststep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["delivered", "dropped"])),
                fields=("request",),
                name="a_request_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="requeststep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "extended")), fields=("request",), name="a_request_is_extended_once"
            ),
        ),
        tenant_table("followup_rightsrequest"),
        append_only("followup_rightsrequest", stamp="at"),
        within_municipality("followup_rightsrequest", "dossier_id", "signals_dossier"),
        within_municipality("followup_rightsrequest", "signal_id", "signals_signal"),
        within_municipality("followup_rightsrequest", "by_id", "municipalities_membership", parent_column="user_id"),
        tenant_table("followup_requeststep"),
        append_only("followup_requeststep", stamp="at"),
        within_municipality("followup_requeststep", "request_id", "followup_rightsrequest"),
        within_municipality("followup_requeststep", "draft_id", "followup_requeststep"),
        within_municipality("followup_requeststep", "by_id", "municipalities_membership", parent_column="user_id"),
        migrations.RunSQL(FOUR_EYES, migrations.RunSQL.noop),
        within_reach(
            "followup_rightsrequest",
            mine="dossier_id IN (SELECT dossier_id FROM signals_in_sight())",
            closed_to=[Reach.STANDING, Reach.COMPARING],
        ),
        within_reach(
            "followup_requeststep",
            mine="request_id IN (SELECT id FROM followup_rightsrequest)",
            closed_to=[Reach.STANDING, Reach.COMPARING],
        ),
        migrations.CreateModel(
            name="Rectification",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("reported", "What was reported"),
                            ("contact", "What we recorded of a contact"),
                            ("person", "Name or address"),
                            ("else", "Something else"),
                        ],
                        max_length=10,
                        verbose_name="what it is about",
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("is_applied", models.BooleanField(default=False)),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="recorded")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rectifications",
                        to="followup.contactentry",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rectifications",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "rectification",
                "verbose_name_plural": "rectifications",
                "indexes": [models.Index(fields=["municipality", "signal"], name="rectification_by_signal")],
                "constraints": [models.UniqueConstraint(fields=("municipality", "id"), name="rectification_key")],
            },
        ),
        tenant_table("followup_rectification"),
        append_only("followup_rectification", stamp="at"),
        within_municipality("followup_rectification", "signal_id", "signals_signal"),
        within_municipality("followup_rectification", "contact_id", "followup_contactentry"),
        within_municipality("followup_rectification", "by_id", "municipalities_membership", parent_column="user_id"),
        within_reach(
            "followup_rectification",
            mine="signal_id IN (SELECT signal_id FROM signals_in_sight() WHERE is_mine)",
            closed_to=[Reach.STANDING, Reach.COMPARING],
        ),
        migrations.CreateModel(
            name="Informed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("visit", "Told during a visit"),
                            ("phone", "Told by phone"),
                            ("letter", "By letter"),
                            ("elsewhere", "Told somewhere else"),
                            ("never_reached", "Not possible: never reached, and no address to write to"),
                            ("danger", "Not told, since that would put somebody in danger"),
                        ],
                        max_length=20,
                        verbose_name="how",
                    ),
                ),
                ("informed_on", models.DateField(verbose_name="informed on")),
                ("at", models.DateTimeField(db_default=municipalities.database.PortalNow(), verbose_name="recorded")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
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
                        related_name="informed",
                        to="signals.dossier",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="municipalities.municipality"
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="informed",
                        to="signals.signal",
                    ),
                ),
            ],
            options={
                "verbose_name": "information given",
                "verbose_name_plural": "information given",
                "indexes": [models.Index(fields=["municipality", "dossier"], name="informed_by_dossier")],
            },
        ),
        tenant_table("followup_informed"),
        append_only("followup_informed", stamp="at"),
        within_municipality("followup_informed", "dossier_id", "signals_dossier"),
        within_municipality("followup_informed", "signal_id", "signals_signal"),
        within_municipality("followup_informed", "by_id", "municipalities_membership", parent_column="user_id"),
        within_reach(
            "followup_informed",
            mine="dossier_id IN (SELECT dossier_id FROM signals_in_sight())",
            closed_to=[Reach.COMPARING],
        ),
        *(chained(f"followup_{name}") for name in ("rightsrequest", "requeststep", "rectification", "informed")),
    ]
