-- Bit 3 of pg_relation_is_updatable is INSERT; INSTEAD OF triggers count.
SELECT c.oid, pg_get_viewdef(c.oid), (pg_relation_is_updatable(c.oid, true) & 8) <> 0
FROM pg_catalog.pg_class c
WHERE c.relkind = 'v'
  AND c.relnamespace <> ALL (%(system)s)
  AND (%(only)s::oid[] IS NULL OR c.oid = ANY (%(only)s::oid[]));
