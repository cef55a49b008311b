SELECT t.oid, t.typnamespace, t.typname, t.typowner, (CASE WHEN t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner) THEN NULL ELSE t.typacl END)::text[],
       format_type(t.typbasetype, t.typtypmod), t.typnotnull, pg_get_expr(t.typdefaultbin, 0),
       NULLIF(t.typcollation, b.typcollation)
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd'
  AND t.typnamespace <> ALL (%(system)s);
