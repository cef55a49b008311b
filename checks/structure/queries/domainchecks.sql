-- NOT NULL of a domain, which has a row since version 17, is a property of the domain.
SELECT k.contypid, k.oid, k.conname, pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k
WHERE k.contypid <> 0 AND k.contype = 'c' AND k.oid >= 16384
ORDER BY k.contypid, k.conname COLLATE "C";
