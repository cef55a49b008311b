SELECT r.ev_class, r.oid, r.rulename, pg_get_ruledef(r.oid, false), r.ev_enabled
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
WHERE r.rulename <> '_RETURN'
  AND c.relnamespace <> ALL (%(system)s);
