from django.db import migrations

from municipalities.database import CURRENT_USER, TENANT, within_reach
from municipalities.permissions import Reach

SIGHT = f"""
-- What is within sight of a member with their own work only; `is_mine` says whose work it is, which is more. Asked once a
-- statement and looked up in a hash, and only by such members. In functions, so that nobody else's statements are planned
-- around them.
CREATE FUNCTION signals_in_sight()
RETURNS TABLE (signal_id uuid, dossier_id bigint, reporter_id bigint, is_mine boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
BEGIN
    RETURN QUERY SELECT s.id, s.dossier_id, s.reporter_id, true FROM signals_signal AS s
    WHERE s.municipality_id = {TENANT} AND s.assigned_to_id = {CURRENT_USER};
END $$;

CREATE FUNCTION signals_residents_in_sight() RETURNS TABLE (resident_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
BEGIN
    RETURN QUERY SELECT d.resident_id FROM signals_in_sight() AS s JOIN signals_dossier AS d
    ON d.municipality_id = {TENANT} AND d.id = s.dossier_id;
END $$;
"""
IN_SIGHT = "{} IN (SELECT signal_id FROM signals_in_sight())"
MY_REPORTERS = "id IN (SELECT reporter_id FROM signals_in_sight() WHERE is_mine)"
HISTORY_MATCHES = """
-- As it was, and also when the row has left the sight of whoever changed it.
CREATE OR REPLACE FUNCTION signals_history_matches() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    outer_tenant text := coalesce(current_setting('app.municipality', true), '');
    outer_reach text := coalesce(current_setting('app.reach', true), '');
    present jsonb;
    newest jsonb;
BEGIN
    PERFORM set_config('app.municipality', NEW.municipality_id::text, true), set_config('app.reach', 'all', true);
    SELECT to_jsonb(s) - '{story,draft,receipt_fingerprint}'::text[] INTO present
        FROM signals_signal s WHERE s.id = NEW.id;
    SELECT to_jsonb(h) INTO newest FROM signals_historicalsignal h
        WHERE h.municipality_id = NEW.municipality_id AND h.id = NEW.id ORDER BY h.history_id DESC LIMIT 1;
    PERFORM set_config('app.municipality', outer_tenant, true), set_config('app.reach', outer_reach, true);
    -- Not by containment: a list contains every shorter one.
    IF present IS NULL OR EXISTS (
        SELECT FROM jsonb_each(present) AS field WHERE newest -> field.key IS DISTINCT FROM field.value) THEN
        RAISE EXCEPTION 'signal % was changed without its history', NEW.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0010_reach"),
        ("signals", "0003_ladder"),
    ]

    operations = [
        migrations.RunSQL(SIGHT, migrations.RunSQL.noop),
        within_reach("signals_signal", mine=f"assigned_to_id = {CURRENT_USER}"),
        within_reach("signals_historicalsignal", mine=IN_SIGHT.format("id"), closed_to=[Reach.STANDING]),
        within_reach("signals_clock", mine=IN_SIGHT.format("signal_id")),
        within_reach("signals_dossier", mine="id IN (SELECT dossier_id FROM signals_in_sight())"),
        within_reach(
            "signals_resident",
            mine="id IN (SELECT resident_id FROM signals_residents_in_sight())",
            closed_to=[Reach.STANDING],
        ),
        within_reach("signals_pause", mine=IN_SIGHT.format("signal_id"), closed_to=[Reach.STANDING, Reach.COMPARING]),
        within_reach("signals_reporter", mine=MY_REPORTERS, closed_to=[Reach.STANDING, Reach.COMPARING]),
        migrations.RunSQL(HISTORY_MATCHES, migrations.RunSQL.noop),
    ]
