-- Roles belong to the cluster, so that each is created only where it is missing. Run by the superuser.
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('anon', 'NOLOGIN'), ('authenticated', 'NOLOGIN'), ('service_role', 'NOLOGIN BYPASSRLS'),
            ('authenticator', 'NOLOGIN NOINHERIT'), ('supabase_admin', 'NOLOGIN'), ('supabase_auth_admin', 'NOLOGIN'),
            ('supabase_storage_admin', 'NOLOGIN'), ('supabase_functions_admin', 'NOLOGIN'),
            ('supabase_replication_admin', 'NOLOGIN'), ('supabase_realtime_admin', 'NOLOGIN'),
            ('supabase_read_only_user', 'NOLOGIN'), ('supabase_etl_admin', 'NOLOGIN'), ('dashboard_user', 'NOLOGIN'),
            ('pgbouncer', 'NOLOGIN'), ('pgsodium_keyiduser', 'NOLOGIN'), ('pgsodium_keyholder', 'NOLOGIN'),
            ('pgsodium_keymaker', 'NOLOGIN'), ('postgres', 'NOLOGIN')
        ) AS roles (name, options)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I %s', wanted.name, wanted.options);
        END IF;
    END LOOP;
END
$$;
