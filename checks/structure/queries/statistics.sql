-- pg_get_statisticsobjdef opens the table, whether or not there is an expression among the columns.
SELECT s.oid, s.stxnamespace, s.stxname, s.stxowner, s.stxrelid, s.stxkind::text[], s.stxkeys::text,
       CASE WHEN s.stxexprs IS NOT NULL THEN pg_get_statisticsobjdef(s.oid) END,
       NULLIF(s.stxstattarget, -1)
FROM pg_catalog.pg_statistic_ext s
WHERE s.stxnamespace <> ALL (%(system)s);
