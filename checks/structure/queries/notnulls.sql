-- Before version 18 NOT NULL has no row of its own.
SELECT 0::oid, ''::text, 0::int2, 0::oid, true, false, true WHERE false;
