-- A bound holds no column: deparsed without the partition it needs no lock on it.
SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.relowner,
       (CASE WHEN c.relacl @> acldefault('r', c.relowner) AND c.relacl <@ acldefault('r', c.relowner) THEN NULL ELSE c.relacl END)::text[], c.reloptions,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relam, c.reltablespace, c.reloftype,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, 0) END,
       c.relispopulated
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  AND c.relnamespace <> ALL (%(system)s);
