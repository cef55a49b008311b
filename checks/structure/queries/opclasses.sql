SELECT k.oid, k.opcnamespace, k.opcname, k.opcdefault, k.opcintype, t.typtype = 'p'
FROM pg_catalog.pg_opclass k
JOIN pg_catalog.pg_type t ON t.oid = k.opcintype;
