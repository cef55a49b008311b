-- The relations of these names, in whatever schema, and all that they stand on: tables behind views, the table of an
-- index, parents and children, sequences that defaults draw from.
WITH RECURSIVE wanted (oid) AS (
    SELECT oid FROM pg_catalog.pg_class WHERE relname = ANY (%(names)s)
    UNION
    SELECT next.oid
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = wanted.oid
        UNION ALL
        SELECT inhparent FROM pg_catalog.pg_inherits WHERE inhrelid = wanted.oid
        UNION ALL
        SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = wanted.oid
        UNION ALL
        SELECT d.refobjid
        FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d
            ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n'
        WHERE r.ev_class = wanted.oid
        UNION ALL
        SELECT d.refobjid
        FROM pg_catalog.pg_attrdef e
        JOIN pg_catalog.pg_depend d
            ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = e.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'n'
        WHERE e.adrelid = wanted.oid
    ) AS next (oid)
)
SELECT oid FROM wanted;
