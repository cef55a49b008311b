SELECT n.oid, n.nspname, n.nspowner,
       NULLIF(n.nspacl, acldefault('n', n.nspowner))::text[]
FROM pg_catalog.pg_namespace n;
