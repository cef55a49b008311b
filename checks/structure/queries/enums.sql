SELECT t.oid, t.typnamespace, t.typname, t.typowner, (CASE WHEN t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner) THEN NULL ELSE t.typacl END)::text[],
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_catalog.pg_type t
WHERE t.typtype = 'e'
  AND t.typnamespace <> ALL (%(system)s);
