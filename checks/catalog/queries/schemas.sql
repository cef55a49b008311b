SELECT oid, nspname FROM pg_catalog.pg_namespace;
