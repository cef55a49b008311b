-- Rules whose text can write. A view's own rule (_RETURN) cannot.
SELECT r.rulename, n.nspname, c.relname, pg_catalog.quote_ident(r.rulename) || ' on ' || c.oid::pg_catalog.regclass,
       r.ev_enabled = 'D', rule.text, pg_catalog.pg_get_userbyid(c.relowner)
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_ruledef(r.oid)) AS rule (text)
WHERE r.rulename <> '_RETURN' AND n.nspname NOT IN ('information_schema', 'cron') AND n.nspname NOT LIKE 'pg\_%%'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND rule.text ~* '(insert|merge)'
ORDER BY n.nspname, c.relname, r.rulename;
