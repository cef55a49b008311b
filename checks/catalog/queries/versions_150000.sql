-- Collations of unique indexes that have another version than the one the database remembers; its default one has no
-- version of its own.
WITH used (oid) AS (
    SELECT DISTINCT unnest(i.indcollation::pg_catalog.oid[])
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class r ON r.oid = i.indrelid
    WHERE i.indisunique AND r.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
)
SELECT c.oid, c.collversion, pg_collation_actual_version(c.oid)
FROM pg_catalog.pg_collation c
JOIN used USING (oid)
WHERE c.collversion <> pg_collation_actual_version(c.oid)
UNION ALL
SELECT used.oid, d.datcollversion, pg_database_collation_actual_version(d.oid)
FROM pg_catalog.pg_database d
CROSS JOIN used
WHERE d.datname = current_database() AND used.oid = 'pg_catalog."default"'::pg_catalog.regcollation
  AND d.datcollversion <> pg_database_collation_actual_version(d.oid)
ORDER BY 1;
