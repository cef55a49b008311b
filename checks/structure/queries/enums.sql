SELECT t.oid, t.typnamespace, t.typname, t.typowner, NULLIF(t.typacl, acldefault('T', t.typowner))::text[],
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_catalog.pg_type t
WHERE t.typtype = 'e'
  AND t.typnamespace <> ALL (%(system)s);
