SELECT oid, opcnamespace, opcname, opcmethod, opcfamily, opcintype FROM pg_catalog.pg_opclass;
