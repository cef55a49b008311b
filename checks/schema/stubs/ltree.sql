CREATE DOMAIN ltree AS text;
CREATE DOMAIN lquery AS text;
CREATE DOMAIN ltxtquery AS text;
CREATE FUNCTION text2ltree(text) RETURNS ltree LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION ltree2text(ltree) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION nlevel(ltree) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN cardinality(string_to_array($1, '.')); END $$;
CREATE FUNCTION subpath(ltree, integer) RETURNS ltree LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION subpath(ltree, integer, integer) RETURNS ltree LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION subltree(ltree, integer, integer) RETURNS ltree LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1; END $$;
