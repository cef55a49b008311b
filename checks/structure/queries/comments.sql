-- Below 16384 (FirstNormalObjectId) stand the server's own objects; of those only schema public is the user's.
SELECT classoid, objoid, objsubid, description
FROM pg_catalog.pg_description
WHERE objoid >= 16384 OR (classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND objoid = 2200);
