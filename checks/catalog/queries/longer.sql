-- How many upserts pg_stat_statements holds whose text is too long to be read.
SELECT pg_catalog.count(*)::pg_catalog.int4
FROM {view} AS s
JOIN pg_catalog.pg_database AS b ON b.oid = s.dbid AND b.datname = pg_catalog.current_database()
WHERE s.query ~* '(insert.*on\s+conflict|merge)' AND pg_catalog.length(s.query) > %(longest)s;
