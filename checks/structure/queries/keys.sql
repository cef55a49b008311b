-- What single keys of an index have besides: parameters of their operator class, a statistics target.
SELECT a.attrelid, a.attnum, a.attoptions, NULLIF(a.attstattarget, -1)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('i', 'I') AND (a.attoptions IS NOT NULL OR a.attstattarget >= 0);
