CREATE FUNCTION url_encode(data bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN encode(data, 'base64'); END $$;
CREATE FUNCTION url_decode(data text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN decode(data, 'base64'); END $$;
CREATE FUNCTION sign(payload json, secret text, algorithm text DEFAULT 'HS256') RETURNS text LANGUAGE plpgsql IMMUTABLE
    AS $$ BEGIN RETURN md5(payload::text || secret); END $$;
CREATE FUNCTION verify(token text, secret text, algorithm text DEFAULT 'HS256')
    RETURNS TABLE (header json, payload json, valid boolean) LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN; END $$;
