CREATE DOMAIN hstore AS text;
CREATE FUNCTION hstore(text, text) RETURNS hstore LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 || '=>' || $2; END $$;
CREATE FUNCTION hstore(record) RETURNS hstore LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ''; END $$;
CREATE FUNCTION hstore_to_json(hstore) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN '{}'; END $$;
CREATE FUNCTION hstore_to_jsonb(hstore) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN '{}'; END $$;
