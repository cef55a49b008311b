CREATE FUNCTION levenshtein(text, text) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN 0; END $$;
CREATE FUNCTION levenshtein(text, text, integer, integer, integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN 0; END $$;
CREATE FUNCTION levenshtein_less_equal(text, text, integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN 0; END $$;
CREATE FUNCTION soundex(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION metaphone(text, integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION dmetaphone(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION dmetaphone_alt(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION difference(text, text) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN 0; END $$;
