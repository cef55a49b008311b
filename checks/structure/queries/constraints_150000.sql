SELECT k.conrelid, k.oid, k.conname, k.contype, k.conkey::text, k.conindid, k.condeferrable, k.condeferred,
       k.convalidated, true, k.connoinherit, k.conislocal, k.conparentid, false,
       k.confrelid, k.confkey::text, k.confupdtype, k.confdeltype, k.confmatchtype, k.confdelsetcols::text,
       CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END,
       CASE WHEN k.contype = 'x' THEN ARRAY(
           SELECT o.oid::pg_catalog.regoperator::text
           FROM unnest(k.conexclop) WITH ORDINALITY AS e (oid, place)
           JOIN pg_catalog.pg_operator o ON o.oid = e.oid
           ORDER BY e.place
       ) END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid
WHERE k.contype IN ('p', 'u', 'x', 'c', 'f')
  AND c.relnamespace <> ALL (%(system)s);
