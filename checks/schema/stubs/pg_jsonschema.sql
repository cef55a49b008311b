CREATE FUNCTION json_matches_schema(schema json, instance json) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION jsonb_matches_schema(schema json, instance jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION jsonschema_is_valid(schema json) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN true; END $$;
