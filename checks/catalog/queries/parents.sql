SELECT h.inhrelid, h.inhparent
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'f')
  AND c.relnamespace <> ALL (%(system)s)
  AND (%(only)s::oid[] IS NULL OR c.oid = ANY (%(only)s::oid[]))
ORDER BY h.inhrelid, h.inhseqno;
