-- What belongs to an extension is shown by the extension, what the server makes along with a type by the type.
SELECT classid, objid
FROM pg_catalog.pg_depend
WHERE deptype = 'e'
   OR (deptype = 'i' AND objid >= 16384 AND classid = 'pg_catalog.pg_proc'::pg_catalog.regclass);
