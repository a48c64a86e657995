"""Another way to sweep, to be measured beside the one we have: the rows of many municipalities as sets, in the server.

One statement a batch: a function goes from tenant to tenant inside the server and writes escalations, clocks and mails
of each as sets. Row-level security, triggers, foreign keys and SKIP LOCKED hold as they do for the sweep.
"""

FUNCTION = """
CREATE OR REPLACE FUNCTION bench_sweep(most integer) RETURNS TABLE (escalated bigint, mails bigint)
LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
    place record;
    these bigint;
    written bigint;
BEGIN
    escalated := 0; mails := 0;
    FOR place IN SELECT c.municipality_id AS id, m.slug, count(*) AS due
                 FROM (SELECT municipality_id FROM signals_clock WHERE next_at <= now()
                       ORDER BY next_at LIMIT most) AS c
                 JOIN municipalities_municipality m ON m.id = c.municipality_id
                 GROUP BY c.municipality_id, m.slug ORDER BY c.municipality_id LOOP
        PERFORM set_config('app.municipality', place.id::text, true);
        -- By array and by subquery: with a join the planner, who cannot know how few are due, reads whole tables.
        WITH due AS MATERIALIZED (
            SELECT id, signal_id, level, kind, due_at FROM signals_clock
            WHERE municipality_id = place.id AND next_at <= now()
            ORDER BY next_at, id LIMIT place.due FOR UPDATE SKIP LOCKED
        ), moved AS (
            UPDATE signals_clock SET step = step + 1, level = level + 1, escalated_at = portal_now(),
                next_at = due_at + interval '4 hours' WHERE id = ANY (ARRAY(SELECT id FROM due))
        ), written_down AS (
            INSERT INTO followup_escalation (municipality_id, signal_id, level, due_at)
            SELECT place.id, signal_id, level, due_at FROM due ON CONFLICT DO NOTHING
        ), told AS MATERIALIZED (
            SELECT u.email, left(encode(sha256(convert_to(u.email, 'UTF8')), 'hex'), 16) AS short
            FROM municipalities_membership o JOIN municipalities_user u ON u.id = o.user_id
            WHERE o.municipality_id = place.id AND o.role = 'coordinator' AND o.is_active AND u.is_active
        ), mailed AS (
            INSERT INTO municipalities_outboxmessage (municipality_id, template, recipient, context, key, attempts,
                                                      last_error, second_recipient, urgency, state, provider_id)
            SELECT place.id, 'escalation', told.email,
                jsonb_build_object('reference', due.reference, 'due', due.due_at, 'kind', due.kind,
                                   'path', '/' || place.slug || '/signalen/' || due.reference || '/'),
                'escalation:' || due.signal_id || ':' || due.level || ':' || told.short, 0, '', '', 1, 'ready', ''
            FROM (SELECT due.*, (SELECT s.reference FROM signals_signal s WHERE s.municipality_id = place.id
                                 AND s.id = due.signal_id) AS reference FROM due) AS due CROSS JOIN told
            ON CONFLICT DO NOTHING RETURNING 1
        )
        SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM mailed) INTO these, written;
        escalated := escalated + these; mails := mails + written;
    END LOOP;
    PERFORM set_config('app.municipality', '', true);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION bench_sweep(integer) TO portal_app;
"""
BATCH = 1000


def sweep(cursor):
    """One pass, in batches that are transactions of their own. Returns how many were escalated."""
    total = 0
    while True:
        cursor.execute("SELECT escalated FROM bench_sweep(%s)", [BATCH])
        escalated = cursor.fetchone()[0]
        total += escalated
        if not escalated:
            return total
