SELECT a.aggfnoid::oid, concat_ws(', ',
           'SFUNC = ' || a.aggtransfn::text,
           'STYPE = ' || format_type(a.aggtranstype, NULL),
           'SSPACE = ' || NULLIF(a.aggtransspace, 0),
           'FINALFUNC = ' || NULLIF(a.aggfinalfn::oid, 0)::pg_catalog.regproc,
           CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify
               WHEN 's' THEN 'SHAREABLE'
               WHEN 'w' THEN 'READ_WRITE'
               WHEN 'r' THEN CASE WHEN a.aggkind <> 'n' THEN 'READ_ONLY' END
           END,
           'COMBINEFUNC = ' || NULLIF(a.aggcombinefn::oid, 0)::pg_catalog.regproc,
           'SERIALFUNC = ' || NULLIF(a.aggserialfn::oid, 0)::pg_catalog.regproc,
           'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::oid, 0)::pg_catalog.regproc,
           'INITCOND = ' || quote_literal(a.agginitval),
           'MSFUNC = ' || NULLIF(a.aggmtransfn::oid, 0)::pg_catalog.regproc,
           'MINVFUNC = ' || NULLIF(a.aggminvtransfn::oid, 0)::pg_catalog.regproc,
           'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
           'MSSPACE = ' || NULLIF(a.aggmtransspace, 0),
           'MFINALFUNC = ' || NULLIF(a.aggmfinalfn::oid, 0)::pg_catalog.regproc,
           CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
           'MINITCOND = ' || quote_literal(a.aggminitval),
           'SORTOP = OPERATOR(' || NULLIF(a.aggsortop, 0)::pg_catalog.regoper || ')',
           CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
           'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END
       )
FROM pg_catalog.pg_aggregate a
JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
WHERE p.pronamespace <> ALL (%(system)s);
