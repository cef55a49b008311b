SELECT oid, relnamespace, relname, relkind
FROM pg_catalog.pg_class
WHERE relnamespace = ANY (%(builtin)s);
