SELECT f.ftrelid, s.srvname, f.ftoptions
FROM pg_catalog.pg_foreign_table f
JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver;
