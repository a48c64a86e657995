from django.db import migrations

from municipalities.database import TENANT

COUNTS = f"""
-- Of the signals that came in between two moments: how many there are in each cell of each table, and the median of the
-- hours until somebody came by. It counts everything of the municipality, as the portal itself at work, and gives numbers
-- only: whoever may see figures needs no signal within reach. The numbers are exact; nobody sees one before
-- followup/small_cells.py made it coarse.
CREATE FUNCTION followup_counts(since timestamptz, until timestamptz)
RETURNS TABLE (subject text, cell text, amount bigint) LANGUAGE plpgsql AS $$
DECLARE
    outer_user text := coalesce(current_setting('app.user', true), '');
BEGIN
    PERFORM set_config('app.user', '', true);
    RETURN QUERY WITH told AS (
        SELECT to_char(s.received_at AT TIME ZONE 'Europe/Amsterdam', 'YYYY-MM') AS month,
            CASE WHEN s.visited_at IS NULL THEN 'none' WHEN s.visited_at < c.due_at THEN 'in_time' ELSE 'late' END
                AS promise,
            s.about,
            CASE WHEN s.about <> 'self' THEN r.kind END AS kind,
            CASE WHEN s.partner_id IS NULL THEN 'alone' ELSE 'partner' END AS source,
            s.close_reason AS outcome,
            substring(p.postcode FROM '^[0-9]{{4}}') AS area,
            extract(epoch FROM s.visited_at - s.received_at) / 3600 AS hours
        FROM signals_signal AS s
        JOIN signals_clock AS c ON c.municipality_id = s.municipality_id AND c.signal_id = s.id AND c.kind = 'visit'
        JOIN signals_reporter AS r ON r.municipality_id = s.municipality_id AND r.id = s.reporter_id
        JOIN signals_dossier AS d ON d.municipality_id = s.municipality_id AND d.id = s.dossier_id
        JOIN signals_resident AS p ON p.municipality_id = s.municipality_id AND p.id = d.resident_id
        WHERE s.municipality_id = {TENANT} AND s.received_at >= since AND s.received_at < until
    )
    SELECT one.subject, one.cell, count(*) FROM told, LATERAL (VALUES ('all', 'all'), ('month', month),
        ('promise', promise), ('about', about), ('kind', kind), ('source', source), ('outcome', outcome), ('area', area)
    ) AS one (subject, cell) WHERE one.cell IS NOT NULL GROUP BY one.subject, one.cell
    UNION ALL
    SELECT 'hours', 'median', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY hours))::bigint FROM told;
    PERFORM set_config('app.user', outer_user, true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0009_rights"),
        ("signals", "0012_paths"),
    ]

    operations = [migrations.RunSQL(COUNTS, migrations.RunSQL.noop)]
