SELECT 0::oid, 0::oid WHERE false;
