SELECT p.polrelid, p.oid, p.polname, p.polcmd, p.polpermissive,
       ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY r.rolname),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace <> ALL (%(system)s);
