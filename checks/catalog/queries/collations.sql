-- One of the database's own encoding goes before one for all encodings (lookup_collation of namespace.c).
SELECT oid, collnamespace, collname
FROM pg_catalog.pg_collation
WHERE collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
ORDER BY collencoding;
