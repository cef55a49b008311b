SELECT p.oid, p.typmod, format_type(p.oid, p.typmod)
FROM unnest(%(types)s::oid[], %(typmods)s::int4[]) AS p (oid, typmod);
