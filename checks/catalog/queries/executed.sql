-- Upserts of this database by pg_stat_statements, the most frequent first. Texts of other roles are hidden, and counted.
SELECT s.query, pg_catalog.min(s.queryid)::pg_catalog.int8, pg_catalog.count(*)::pg_catalog.int4
FROM {view} AS s
JOIN pg_catalog.pg_database AS b ON b.oid = s.dbid AND b.datname = pg_catalog.current_database()
WHERE s.query = '<insufficient privilege>'
   OR (s.query ~* '(insert.*on\s+conflict|merge)' AND pg_catalog.length(s.query) <= %(longest)s)
GROUP BY s.query
ORDER BY s.query = '<insufficient privilege>' DESC, pg_catalog.sum(s.calls) DESC, s.query
LIMIT %(most)s;
