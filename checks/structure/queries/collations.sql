SELECT oid, collnamespace, collname FROM pg_catalog.pg_collation;
