#!/bin/sh
# Runs once, when the database is empty: one role owns the tables and migrates, one serves, one makes backups.
# What they send holds what people wrote, so the server's log repeats no statement, value or message of theirs. Only a
# superuser can say so; `manage.py check --deploy --database default` tells whether it holds. The server as a whole
# needs log_error_verbosity=terse as well: when a session crashes, it is the server that tells what ran in it.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" \
    --set backup_password="$BACKUP_PASSWORD" <<'SQL'
CREATE ROLE portal_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB PASSWORD :'owner_password';
CREATE ROLE portal_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE ROLE portal_backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'backup_password';
GRANT pg_read_all_data TO portal_backup;
ALTER ROLE portal_backup SET default_transaction_read_only = on;
CREATE DATABASE portal OWNER portal_owner;
SELECT format('ALTER ROLE %I SET %s = %L', role, name, value)
    FROM unnest(ARRAY['portal_owner', 'portal_app']) AS role, (VALUES
        ('log_min_messages', 'fatal'),
        ('log_min_error_statement', 'panic'),
        ('log_error_verbosity', 'terse'),
        ('log_statement', 'none'),
        ('log_duration', 'off'),
        ('log_min_duration_statement', '-1'),
        ('log_min_duration_sample', '-1'),
        ('log_transaction_sample_rate', '0'),
        ('log_parameter_max_length', '0'),
        ('log_parameter_max_length_on_error', '0')
    ) AS quiet (name, value) \gexec
\connect portal
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
