SELECT c.oid, t.oid, t.typowner, (CASE WHEN t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner) THEN NULL ELSE t.typacl END)::text[]
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_type t ON t.oid = c.reltype
WHERE c.relkind = 'c'
  AND c.relnamespace <> ALL (%(system)s);
