SELECT p.oid, p.pronamespace, p.proname, p.proowner, (CASE WHEN p.proacl @> acldefault('f', p.proowner) AND p.proacl <@ acldefault('f', p.proowner) THEN NULL ELSE p.proacl END)::text[],
       p.prokind, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), l.lanname,
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.pronamespace <> ALL (%(system)s);
