-- Before version 15 a partition's copy of its parent's trigger counts as internal.
SELECT t.tgrelid, t.tgname, t.tgtype, t.tgenabled, p.pronamespace, p.proname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
WHERE (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0))
  AND c.relnamespace <> ALL (%(system)s)
  AND (%(only)s::oid[] IS NULL OR c.oid = ANY (%(only)s::oid[]));
