-- Collations of unique indexes that have another version than the one the database remembers.
SELECT c.oid, c.collversion, pg_collation_actual_version(c.oid)
FROM pg_catalog.pg_collation c
WHERE c.oid IN (
    SELECT unnest(i.indcollation::pg_catalog.oid[])
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class r ON r.oid = i.indrelid
    WHERE i.indisunique AND r.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
) AND c.collversion <> pg_collation_actual_version(c.oid)
ORDER BY c.oid;
