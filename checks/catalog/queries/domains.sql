SELECT oid, typbasetype, typnotnull, pg_get_expr(typdefaultbin, 0) FROM pg_catalog.pg_type WHERE typtype = 'd';
