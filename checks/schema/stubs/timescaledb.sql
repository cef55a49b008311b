CREATE FUNCTION create_hypertable(
    relation regclass, time_column_name name, partitioning_column name DEFAULT NULL, number_partitions integer DEFAULT NULL,
    associated_schema_name name DEFAULT NULL, associated_table_prefix name DEFAULT NULL,
    chunk_time_interval anyelement DEFAULT NULL::bigint, create_default_indexes boolean DEFAULT true,
    if_not_exists boolean DEFAULT false, partitioning_func regproc DEFAULT NULL, migrate_data boolean DEFAULT false
) RETURNS TABLE (hypertable_id integer, schema_name name, table_name name, created boolean) LANGUAGE plpgsql
    AS $$ BEGIN RETURN; END $$;
CREATE FUNCTION add_dimension(
    hypertable regclass, column_name name, number_partitions integer DEFAULT NULL,
    chunk_time_interval anyelement DEFAULT NULL::bigint, partitioning_func regproc DEFAULT NULL,
    if_not_exists boolean DEFAULT false
) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION set_chunk_time_interval(hypertable regclass, chunk_time_interval anyelement) RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN END $$;
CREATE FUNCTION add_retention_policy(
    relation regclass, drop_after anyelement, if_not_exists boolean DEFAULT false, schedule_interval interval DEFAULT NULL
) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION remove_retention_policy(relation regclass, if_exists boolean DEFAULT false) RETURNS void LANGUAGE plpgsql
    AS $$ BEGIN END $$;
CREATE FUNCTION add_compression_policy(
    hypertable regclass, compress_after anyelement, if_not_exists boolean DEFAULT false
) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION add_continuous_aggregate_policy(
    continuous_aggregate regclass, start_offset anyelement, end_offset anyelement, schedule_interval interval,
    if_not_exists boolean DEFAULT false
) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN ts; END $$;
CREATE FUNCTION time_bucket(bucket_width interval, ts timestamp) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN ts; END $$;
CREATE FUNCTION time_bucket(bucket_width interval, ts date) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN ts; END $$;
CREATE FUNCTION time_bucket(bucket_width bigint, ts bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN ts; END $$;
CREATE FUNCTION drop_chunks(relation regclass, older_than anyelement) RETURNS SETOF text LANGUAGE plpgsql
    AS $$ BEGIN RETURN; END $$;
