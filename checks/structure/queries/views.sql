SELECT c.oid, pg_get_viewdef(c.oid, false)
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('v', 'm')
  AND c.relnamespace <> ALL (%(system)s);
