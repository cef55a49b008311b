SELECT k.conrelid, k.oid, k.conname, k.contype, k.conkey::text, k.conindid, k.condeferrable, k.condeferred,
       k.convalidated, k.confrelid,
       CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END, btrim(k.confupdtype::text)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid
WHERE c.relnamespace <> ALL (%(system)s)
  AND (%(only)s::oid[] IS NULL OR c.oid = ANY (%(only)s::oid[]));
