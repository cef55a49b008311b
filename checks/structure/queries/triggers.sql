SELECT t.tgrelid, t.oid, t.tgname, pg_get_triggerdef(t.oid, false), t.tgenabled, t.tgparentid <> 0
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid
WHERE NOT t.tgisinternal
  AND c.relnamespace <> ALL (%(system)s);
