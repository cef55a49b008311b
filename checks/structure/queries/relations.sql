-- A bound holds no column, yet its text is made with the table's own name at hand, as pg_dump does.
SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.relowner,
       NULLIF(c.relacl, acldefault('r', c.relowner))::text[], c.reloptions,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relam, c.reltablespace, c.reloftype,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       c.relispopulated
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
  AND c.relnamespace <> ALL (%(system)s);
