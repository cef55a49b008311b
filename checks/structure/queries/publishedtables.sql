SELECT r.prpubid, r.prrelid, NULL::text, NULL::text
FROM pg_catalog.pg_publication_rel r;
