SELECT oid, nspname, nspowner, nspacl::pg_catalog.text FROM pg_catalog.pg_namespace;
