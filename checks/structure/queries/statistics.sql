SELECT s.oid, s.stxnamespace, s.stxname, s.stxowner, s.stxrelid, pg_get_statisticsobjdef(s.oid),
       NULLIF(s.stxstattarget, -1)
FROM pg_catalog.pg_statistic_ext s
WHERE s.stxnamespace <> ALL (%(system)s);
