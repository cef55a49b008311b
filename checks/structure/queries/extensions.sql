SELECT e.oid, e.extname, e.extnamespace, e.extversion
FROM pg_catalog.pg_extension e
WHERE e.oid >= 16384;
