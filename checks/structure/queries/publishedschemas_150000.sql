SELECT s.pnpubid, s.pnnspid FROM pg_catalog.pg_publication_namespace s;
