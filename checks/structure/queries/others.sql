-- Kinds that are told by name only. An array, a row type, a multirange and its cast come with their type. Older servers
-- write "for TYPE on language NAME" of a transform.
SELECT o.classid::pg_catalog.oid, o.objid, i.type,
       CASE i.type WHEN 'transform' THEN replace(i.identity, ' on language ', ' language ') ELSE i.identity END
FROM (
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass AS classid, t.oid AS objid
    FROM pg_catalog.pg_type t
    WHERE (t.typtype = 'b' OR NOT t.typisdefined) AND t.typnamespace <> ALL (%(system)s)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
    UNION ALL SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, oid FROM pg_catalog.pg_operator
    UNION ALL SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, oid FROM pg_catalog.pg_opclass
    UNION ALL SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid FROM pg_catalog.pg_opfamily
    UNION ALL SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, k.oid
    FROM pg_catalog.pg_cast k
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_range r WHERE (r.rngtypid, r.rngmultitypid) = (k.castsource, k.casttarget))
    UNION ALL SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, oid
    FROM pg_catalog.pg_collation WHERE collnamespace <> ALL (%(system)s)
    UNION ALL SELECT 'pg_catalog.pg_conversion'::pg_catalog.regclass, oid FROM pg_catalog.pg_conversion
    UNION ALL SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_config
    UNION ALL SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_dict
    UNION ALL SELECT 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_parser
    UNION ALL SELECT 'pg_catalog.pg_ts_template'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_template
    UNION ALL SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, oid FROM pg_catalog.pg_language
    UNION ALL SELECT 'pg_catalog.pg_transform'::pg_catalog.regclass, oid FROM pg_catalog.pg_transform
    UNION ALL SELECT 'pg_catalog.pg_am'::pg_catalog.regclass, oid FROM pg_catalog.pg_am
    UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, oid
    FROM pg_catalog.pg_foreign_data_wrapper
    UNION ALL SELECT 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, oid FROM pg_catalog.pg_foreign_server
    UNION ALL SELECT 'pg_catalog.pg_user_mapping'::pg_catalog.regclass, umid FROM pg_catalog.pg_user_mappings
    UNION ALL SELECT 'pg_catalog.pg_subscription'::pg_catalog.regclass, s.oid
    FROM pg_catalog.pg_subscription s
    WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
) AS o
CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
WHERE o.objid >= 16384;
