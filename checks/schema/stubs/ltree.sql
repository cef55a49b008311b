CREATE TYPE ltree;
CREATE FUNCTION ltree_in(cstring) RETURNS ltree LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION ltree_out(ltree) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE ltree (INPUT = ltree_in, OUTPUT = ltree_out, INTERNALLENGTH = VARIABLE, STORAGE = extended);
CREATE FUNCTION ltree_lt(ltree, ltree) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text < $2::text; END $$;
CREATE FUNCTION ltree_le(ltree, ltree) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text <= $2::text; END $$;
CREATE FUNCTION ltree_eq(ltree, ltree) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text = $2::text; END $$;
CREATE FUNCTION ltree_ge(ltree, ltree) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text >= $2::text; END $$;
CREATE FUNCTION ltree_gt(ltree, ltree) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text > $2::text; END $$;
CREATE FUNCTION ltree_ne(ltree, ltree) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text <> $2::text; END $$;
CREATE FUNCTION ltree_cmp(ltree, ltree) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.bttextcmp($1::text, $2::text); END $$;
CREATE FUNCTION ltree_hash(ltree) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.hashtext($1::text); END $$;
CREATE OPERATOR < (FUNCTION = ltree_lt, LEFTARG = ltree, RIGHTARG = ltree, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (FUNCTION = ltree_le, LEFTARG = ltree, RIGHTARG = ltree, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR = (FUNCTION = ltree_eq, LEFTARG = ltree, RIGHTARG = ltree, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR >= (FUNCTION = ltree_ge, LEFTARG = ltree, RIGHTARG = ltree, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR > (FUNCTION = ltree_gt, LEFTARG = ltree, RIGHTARG = ltree, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR <> (FUNCTION = ltree_ne, LEFTARG = ltree, RIGHTARG = ltree, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR CLASS ltree_ops DEFAULT FOR TYPE ltree USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 ltree_cmp(ltree, ltree);
CREATE OPERATOR CLASS hash_ltree_ops DEFAULT FOR TYPE ltree USING hash AS OPERATOR 1 =, FUNCTION 1 ltree_hash(ltree);
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
