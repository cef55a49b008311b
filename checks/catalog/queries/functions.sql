-- Functions that not everybody may call, and those of the same names, among which the types of a call choose.
WITH told AS (
    SELECT p.oid, p.proname, p.pronamespace, p.proowner, p.proacl, p.pronargs, p.pronargdefaults, p.provariadic,
           p.proisstrict
    FROM pg_catalog.pg_proc p
    WHERE p.prokind <> 'p'
), restricted AS (
    SELECT DISTINCT t.proname
    FROM told t
    WHERE t.proacl IS NOT NULL AND t.pronamespace <> ALL (%(builtin)s)
      AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(t.proacl) a
                      WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
)
SELECT t.pronamespace, t.proname, pg_catalog.pg_get_function_identity_arguments(t.oid), t.pronargs - t.pronargdefaults,
       CASE WHEN t.provariadic = 0 THEN t.pronargs END, t.proisstrict, t.proowner, t.proacl::pg_catalog.text
FROM told t
JOIN restricted r USING (proname)
ORDER BY t.proname COLLATE "C", t.oid;
