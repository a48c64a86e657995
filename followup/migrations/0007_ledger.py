from django.db import migrations

from municipalities.ledger import all_chained, chained

# What is recorded so far: the table, its key, and when a row of it was recorded.
RECORDED = (
    ("municipalities_accesslogentry", "id", "at"),
    ("signals_historicalsignal", "history_id", "history_date"),
    ("signals_pause", "id", "recorded_at"),
    ("signals_protection", "id", "at"),
    ("followup_contactentry", "id", "recorded_at"),
    ("followup_escalation", "id", "escalated_at"),
    ("followup_nudge", "id", "at"),
    ("followup_acknowledgement", "id", "at"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0006_queue"),
        ("municipalities", "0016_ledger"),
        ("signals", "0006_queue"),
    ]

    operations = [
        # A row that is committed between the two would be chained by its trigger and found by the other.
        *[chained(table, key=key) for table, key, _moment in RECORDED],
        all_chained(RECORDED),
    ]
