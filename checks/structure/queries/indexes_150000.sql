-- pg_get_expr joins several expressions with a comma: only then is each one asked for by itself.
SELECT i.indrelid, i.indexrelid, x.relname, x.relam, i.indnkeyatts,
       i.indkey::text, i.indcollation::text, i.indclass::text, i.indoption::text,
       CASE
           WHEN i.indexprs IS NULL THEN NULL
           WHEN cardinality(array_positions(i.indkey::int2[], 0::int2)) = 1
               THEN ARRAY[pg_get_expr(i.indexprs, i.indrelid)]
           ELSE ARRAY(
               SELECT pg_get_indexdef(i.indexrelid, k, false)
               FROM generate_series(1, i.indnkeyatts::int) AS k
               WHERE i.indkey[k - 1] = 0
               ORDER BY k
           )
       END,
       pg_get_expr(i.indpred, i.indrelid), i.indisunique, i.indnullsnotdistinct,
       i.indisvalid, i.indisready, i.indislive, i.indisclustered, i.indisreplident, x.reloptions, x.reltablespace
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
WHERE c.relkind IN ('r', 'p', 'm')
  AND c.relnamespace <> ALL (%(system)s);
