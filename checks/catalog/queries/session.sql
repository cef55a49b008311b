-- Asked before the search path is pinned, hence the qualified functions.
SELECT pg_catalog.current_database(), current_user, pg_catalog.current_schemas(false)::pg_catalog.text[],
       pg_catalog.pg_my_temp_schema();
