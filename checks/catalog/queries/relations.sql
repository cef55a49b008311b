SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
       c.reloptions, c.relowner, c.relacl::pg_catalog.text
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  AND c.relnamespace <> ALL (%(system)s)
  AND (%(only)s::oid[] IS NULL OR c.oid = ANY (%(only)s::oid[]));
