SELECT d.defaclrole, d.defaclnamespace, d.defaclobjtype, d.defaclacl::text[]
FROM pg_catalog.pg_default_acl d;
