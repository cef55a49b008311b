SELECT t.oid, t.typnamespace, t.typname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_type t ON t.oid = c.reloftype
WHERE c.reloftype <> 0;
