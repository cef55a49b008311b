-- Only ACCESS EXCLUSIVE keeps a reader of expressions out, held or waited for. A lock without a process belongs to a
-- prepared transaction. Relations that have an expression, or stand in one, come first: they are the ones that were
-- opened.
SELECT n.nspname, c.relname, l.pid,
       c.relkind IN ('v', 'm')
       OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND num_nonnulls(i.indexprs, i.indpred) > 0)
       OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c')
       OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)
       OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '')
       OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgqual IS NOT NULL)
       OR EXISTS (SELECT FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = c.oid AND p.partexprs IS NOT NULL)
       OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid AND s.stxexprs IS NOT NULL)
       OR EXISTS (
           SELECT FROM pg_catalog.pg_depend d
           WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid
             AND d.classid IN (
                 'pg_catalog.pg_rewrite'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
                 'pg_catalog.pg_publication_rel'::pg_catalog.regclass
             )
       )
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.locktype = 'relation'
  AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname !~ '^pg_'
ORDER BY 4 DESC, l.granted DESC, n.nspname, c.relname, l.pid;
