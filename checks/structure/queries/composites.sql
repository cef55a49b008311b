SELECT c.oid, t.oid, t.typowner, NULLIF(t.typacl, acldefault('T', t.typowner))::text[]
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_type t ON t.oid = c.reltype
WHERE c.relkind = 'c'
  AND c.relnamespace <> ALL (%(system)s);
