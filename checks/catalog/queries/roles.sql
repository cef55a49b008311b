-- Each role with those whose privileges it has directly. The owner of the database is a member of pg_database_owner;
-- a role that does not inherit has no privileges by membership (roles_is_member_of of acl.c).
SELECT r.oid, r.rolname, r.rolsuper, r.rolbypassrls,
       ARRAY(
           SELECT m.roleid FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid AND r.rolinherit
           UNION
           SELECT o.oid
           FROM pg_catalog.pg_database d
           JOIN pg_catalog.pg_roles o ON o.rolname = 'pg_database_owner'
           WHERE d.datname = pg_catalog.current_database() AND d.datdba = r.oid AND r.rolinherit
           ORDER BY 1
       )
FROM pg_catalog.pg_roles r
ORDER BY r.rolname COLLATE "C";
