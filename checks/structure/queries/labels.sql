SELECT s.provider || ' on ' || i.type || ' ' || i.identity
FROM pg_catalog.pg_seclabel s
CROSS JOIN LATERAL pg_identify_object(s.classoid, s.objoid, s.objsubid) AS i;
