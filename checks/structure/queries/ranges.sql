SELECT t.oid, t.typnamespace, t.typname, t.typowner, (CASE WHEN t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner) THEN NULL ELSE t.typacl END)::text[],
       format_type(r.rngsubtype, NULL), r.rngsubopc, NULLIF(r.rngcollation, s.typcollation),
       NULLIF(r.rngcanonical::oid, 0)::pg_catalog.regproc::text, NULLIF(r.rngsubdiff::oid, 0)::pg_catalog.regproc::text,
       format_type(r.rngmultitypid, NULL)
FROM pg_catalog.pg_range r
JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
WHERE t.typnamespace <> ALL (%(system)s);
