SELECT k.conrelid, k.conname, k.conkey[1], k.oid, k.convalidated, k.connoinherit, k.conislocal
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid
WHERE k.contype = 'n'
  AND c.relnamespace <> ALL (%(system)s);
