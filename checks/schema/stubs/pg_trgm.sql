CREATE FUNCTION similarity(text, text) RETURNS real LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN 0.5; END $$;
CREATE FUNCTION word_similarity(text, text) RETURNS real LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN 0.5; END $$;
CREATE FUNCTION strict_word_similarity(text, text) RETURNS real LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN 0.5; END $$;
CREATE FUNCTION similarity_op(text, text) RETURNS boolean LANGUAGE plpgsql STABLE STRICT AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION similarity_dist(text, text) RETURNS real LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN 0.5; END $$;
CREATE FUNCTION show_trgm(text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN ARRAY[$1]; END $$;
CREATE FUNCTION show_limit() RETURNS real LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN 0.3; END $$;
CREATE FUNCTION set_limit(real) RETURNS real LANGUAGE plpgsql VOLATILE STRICT AS $$ BEGIN RETURN $1; END $$;
CREATE OPERATOR % (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_op);
CREATE OPERATOR <% (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_op);
CREATE OPERATOR %> (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_op);
CREATE OPERATOR <-> (LEFTARG = text, RIGHTARG = text, FUNCTION = similarity_dist);
