SELECT n.oid, n.nspname, n.nspowner,
       (CASE WHEN n.nspacl @> acldefault('n', n.nspowner) AND n.nspacl <@ acldefault('n', n.nspowner) THEN NULL ELSE n.nspacl END)::text[]
FROM pg_catalog.pg_namespace n;
