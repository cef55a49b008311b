-- DO NOTHING is stored as one query of command type 6 (CMD_NOTHING of version 14).
SELECT r.ev_class, r.rulename, r.ev_type::text::int4, r.ev_enabled, r.is_instead,
       r.ev_action::text NOT LIKE '({QUERY :commandType 6 %%', r.ev_qual::text <> '<>'
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
WHERE r.rulename <> '_RETURN'
  AND c.relnamespace <> ALL (%(system)s)
  AND (%(only)s::oid[] IS NULL OR c.oid = ANY (%(only)s::oid[]));
