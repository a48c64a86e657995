from django.db import migrations

from municipalities.database import within_reach
from municipalities.permissions import Reach

IN_SIGHT = "signal_id IN (SELECT signal_id FROM signals_in_sight()"


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0003_sweep_in_sets"),
        ("signals", "0004_reach"),
    ]

    operations = [
        within_reach("followup_contactentry", mine=f"{IN_SIGHT} WHERE is_mine)", closed_to=[Reach.STANDING]),
        within_reach("followup_escalation", mine=f"{IN_SIGHT})", closed_to=[Reach.COMPARING]),
        within_reach("followup_nudge", mine=f"{IN_SIGHT})", closed_to=[Reach.COMPARING]),
        within_reach("followup_acknowledgement", mine=f"{IN_SIGHT})", closed_to=[Reach.COMPARING]),
    ]
