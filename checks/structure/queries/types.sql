-- A domain has the operator classes of the type below it.
SELECT p.oid, p.typmod, format_type(p.oid, p.typmod), t.typcollation, t.typstorage,
       CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
FROM unnest(%(types)s::oid[], %(typmods)s::int4[]) AS p (oid, typmod)
JOIN pg_catalog.pg_type t ON t.oid = p.oid;
