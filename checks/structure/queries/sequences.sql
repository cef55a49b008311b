-- deptype i: the sequence of an identity column; a: one that a column owns.
SELECT s.seqrelid, c.relnamespace, c.relname, c.relpersistence, c.relowner,
       (CASE WHEN c.relacl @> acldefault('s', c.relowner) AND c.relacl <@ acldefault('s', c.relowner) THEN NULL ELSE c.relacl END)::text[],
       format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       d.refobjid, d.refobjsubid, d.deptype
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
LEFT JOIN pg_catalog.pg_depend d
       ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.seqrelid AND d.objsubid = 0
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
WHERE c.relnamespace <> ALL (%(system)s);
