SELECT oid, amname FROM pg_catalog.pg_am;
