from django.db import migrations

# Both go from tenant to tenant inside the server, with the rights of whoever calls them: row-level security, triggers
# and keys hold as for a statement of one's own. A statement a municipality, sent from outside, costs a hundred times
# as much when many have something due.

HOLD_DUE = """
CREATE FUNCTION followup_hold_due(places bigint[], clocks bigint[], at timestamptz)
RETURNS TABLE (municipality bigint, moment timestamptz, due jsonb, ladder jsonb, members jsonb, bouncing jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    tenant text := current_setting('app.municipality', true);
    found_at timestamptz := coalesce(at, statement_timestamp());
    wanted bigint[];
BEGIN
    -- The database's clock, also for who is away: the caller's own may be wrong.
    moment := coalesce(at, portal_now());
    FOR municipality, wanted IN
        SELECT pair.place, array_agg(pair.clock) FROM unnest(places, clocks) AS pair (place, clock)
        GROUP BY pair.place ORDER BY pair.place
    LOOP
        PERFORM set_config('app.municipality', municipality::text, true);

        -- Looked at again under the lock: another sweep, or a visit, may have been first.
        WITH held AS MATERIALIZED (
            SELECT c.id AS pk, c.signal_id, c.kind, c.step, c.level, c.due_at, c.stopped_at FROM signals_clock AS c
            WHERE c.id = ANY (wanted) AND c.municipality_id = followup_hold_due.municipality AND c.next_at <= found_at
            FOR UPDATE SKIP LOCKED
        )
        SELECT jsonb_agg(to_jsonb(held) || (
            SELECT jsonb_build_object('reference', s.reference, 'worker_id', s.assigned_to_id, 'visit_due_at', s.due_at)
            FROM signals_signal AS s
            WHERE s.municipality_id = followup_hold_due.municipality AND s.id = held.signal_id
        )) INTO due FROM held;
        CONTINUE WHEN due IS NULL;

        SELECT (
            SELECT jsonb_build_object('rungs', l.rungs, 'assign_within', extract(epoch FROM l.assign_within),
                'accept_within', extract(epoch FROM l.accept_within),
                'remind_before', extract(epoch FROM l.remind_before))
            FROM municipalities_ladder AS l WHERE l.municipality_id = followup_hold_due.municipality
        ), (
            -- Whole rows, so that whatever decides whether somebody is there comes along.
            SELECT jsonb_agg(to_jsonb(m) || jsonb_build_object('email', u.email, 'user_is_active', u.is_active,
                'organisation_is_active', o.is_active) ORDER BY m.id)
            FROM municipalities_membership AS m JOIN municipalities_user AS u ON u.id = m.user_id
            LEFT JOIN municipalities_organisation AS o
                ON o.municipality_id = m.municipality_id AND o.id = m.organisation_id
            WHERE m.municipality_id = followup_hold_due.municipality
        ), (
            SELECT jsonb_agg(b.fingerprint) FROM municipalities_mailbox AS b
            WHERE b.municipality_id = followup_hold_due.municipality AND b.bounced_since IS NOT NULL
        ) INTO ladder, members, bouncing;
        RETURN NEXT;
    END LOOP;
    PERFORM set_config('app.municipality', coalesce(tenant, ''), true);
END $$;
"""

WRITE_STEPS = """
CREATE FUNCTION followup_write_steps(places jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    tenant text := current_setting('app.municipality', true);
    place jsonb;
    here bigint;
    moved bigint[];
BEGIN
    FOR place IN SELECT * FROM jsonb_array_elements(places) LOOP
        here := place -> 'municipality';
        PERFORM set_config('app.municipality', here::text, true);

        IF place -> 'late' <> '[]' THEN
            INSERT INTO followup_escalation (municipality_id, signal_id, level, due_at)
            SELECT here, late.signal_id, late.level, late.due_at
            FROM jsonb_to_recordset(place -> 'late') AS late (signal_id uuid, level smallint, due_at timestamptz)
            ON CONFLICT DO NOTHING;
        END IF;

        IF place -> 'early' <> '[]' THEN
            INSERT INTO followup_nudge (municipality_id, signal_id, kind, number)
            SELECT here, early.signal_id, early.kind, early.number
            FROM jsonb_to_recordset(place -> 'early') AS early (signal_id uuid, kind text, number smallint);
        END IF;

        INSERT INTO municipalities_outboxmessage (municipality_id, template, recipient, second_recipient, context, key,
            urgency, state, attempts, provider_id, last_error)
        SELECT here, mail.template, mail.recipient, mail.second_recipient, mail.context, mail.key, mail.urgency, 'ready', 0, '', ''
        FROM jsonb_to_recordset(place -> 'mails')
            AS mail (template text, recipient text, second_recipient text, context jsonb, key text, urgency smallint)
        ON CONFLICT DO NOTHING;

        -- By an array of ids as well: left to a join, the planner reads every clock of the municipality.
        moved := ARRAY(SELECT (next ->> 'id')::bigint FROM jsonb_array_elements(place -> 'next') AS next);
        UPDATE signals_clock AS c SET step = next.step, level = next.level, next_at = next.next_at,
            escalated_at = CASE WHEN next.late THEN coalesce(c.escalated_at, portal_now()) ELSE c.escalated_at END
        FROM jsonb_to_recordset(place -> 'next')
            AS next (id bigint, step smallint, level smallint, next_at timestamptz, late boolean)
        WHERE c.municipality_id = here AND c.id = ANY (moved) AND c.id = next.id;
    END LOOP;
    PERFORM set_config('app.municipality', coalesce(tenant, ''), true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0002_ladder"),
        ("municipalities", "0005_ladder"),
        ("signals", "0003_ladder"),
    ]

    operations = [
        migrations.RunSQL(HOLD_DUE, migrations.RunSQL.noop),
        migrations.RunSQL(WRITE_STEPS, migrations.RunSQL.noop),
    ]
