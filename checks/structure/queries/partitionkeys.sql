-- pg_get_partkeydef opens the table, whether or not there is an expression in the key.
SELECT p.partrelid, p.partstrat, p.partattrs::text, p.partcollation::text, p.partclass::text,
       CASE WHEN p.partexprs IS NOT NULL THEN pg_get_partkeydef(p.partrelid) END
FROM pg_catalog.pg_partitioned_table p
JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
WHERE c.relnamespace <> ALL (%(system)s);
