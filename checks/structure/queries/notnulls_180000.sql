-- Those that are not as the server itself would make them; a name that it had to cut short is one of them here.
SELECT k.conrelid, k.conname, a.attnum, k.oid, k.convalidated, k.connoinherit, k.conislocal
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
LEFT JOIN pg_catalog.pg_description d
       ON d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid
WHERE k.contype = 'n'
  AND c.relnamespace <> ALL (%(system)s)
  AND (NOT k.convalidated OR k.connoinherit OR d.objoid IS NOT NULL
       OR (k.conislocal AND k.conname <> c.relname || '_' || a.attname || '_not_null'));
