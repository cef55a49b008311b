-- The jobs of this database. A name and "active", which older versions of pg_cron lack, are read by way of the row.
SELECT j.jobid::pg_catalog.int8, pg_catalog.to_jsonb(j) ->> 'jobname', j.command,
       coalesce((pg_catalog.to_jsonb(j) ->> 'active')::pg_catalog.bool, true),
       pg_catalog.to_jsonb(j) ->> 'username'
FROM cron.job AS j
WHERE j.database = pg_catalog.current_database() AND j.command ~* '(insert|merge)'
ORDER BY j.jobid;
