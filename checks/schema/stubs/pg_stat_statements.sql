CREATE VIEW pg_stat_statements AS
    SELECT NULL::oid AS userid, NULL::oid AS dbid, NULL::boolean AS toplevel, NULL::bigint AS queryid, NULL::text AS query,
        NULL::bigint AS calls, NULL::float8 AS total_exec_time, NULL::float8 AS mean_exec_time, NULL::bigint AS rows
    WHERE false;
CREATE FUNCTION pg_stat_statements_reset() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
