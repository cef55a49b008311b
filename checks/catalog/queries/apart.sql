-- How many functions that can write are no part of the application: members of extensions, and what a platform brings.
SELECT coalesce(x.extname, n.nspname) COLLATE "C", x.extname IS NOT NULL, pg_catalog.count(*)::pg_catalog.int4
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN pg_catalog.pg_depend d
       ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid
WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname NOT IN ('information_schema', 'cron') AND n.nspname NOT LIKE 'pg\_%%'
  AND (x.extname IS NOT NULL
       OR (n.nspname = ANY (%(platforms)s) AND pg_catalog.pg_get_userbyid(p.proowner) = ANY (%(owners)s)))
  AND p.prosrc ~* '(insert|merge)'
GROUP BY 1, 2
ORDER BY 1;
