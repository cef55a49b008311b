-- Functions and procedures whose text can write. Printing a body of standard SQL locks its tables (ACCESS SHARE).
SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text, n.nspname, p.proname,
       ARRAY(SELECT CASE WHEN t.typlen = -1 AND e.oid IS NOT NULL THEN e.typname || '[]' ELSE t.typname END
             FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY AS argument (type, place)
             JOIN pg_catalog.pg_type t ON t.oid = argument.type
             LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
             ORDER BY place)::pg_catalog.text[],
       l.lanname, pg_catalog.pg_get_functiondef(p.oid), body.text, p.prosqlbody IS NOT NULL, fired.by,
       CASE WHEN p.prosecdef THEN pg_catalog.pg_get_userbyid(p.proowner) END, p.proowner, p.proacl::pg_catalog.text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)) AS body (text)
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT (pg_catalog.quote_ident(t.tgname) || ' on ' || t.tgrelid::pg_catalog.regclass
                || CASE t.tgenabled WHEN 'D' THEN ' (disabled)' ELSE '' END) COLLATE "C"
        FROM pg_catalog.pg_trigger t
        WHERE t.tgfoid = p.oid AND NOT t.tgisinternal AND t.tgparentid = 0
        UNION ALL
        SELECT pg_catalog.quote_ident(v.evtname) || ' on ' || v.evtevent
               || CASE v.evtenabled WHEN 'D' THEN ' (disabled)' ELSE '' END
        FROM pg_catalog.pg_event_trigger v
        WHERE v.evtfoid = p.oid
        ORDER BY 1
    )
) AS fired (by)
WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname NOT IN ('information_schema', 'cron') AND n.nspname NOT LIKE 'pg\_%%'
  AND NOT (n.nspname = ANY (%(platforms)s) AND pg_catalog.pg_get_userbyid(p.proowner) = ANY (%(owners)s))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND body.text ~* '(insert|merge)'
ORDER BY p.oid::pg_catalog.regprocedure::pg_catalog.text COLLATE "C";
