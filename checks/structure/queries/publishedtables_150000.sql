SELECT r.prpubid, r.prrelid, r.prattrs::text, pg_get_expr(r.prqual, r.prrelid)
FROM pg_catalog.pg_publication_rel r;
