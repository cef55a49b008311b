CREATE TYPE hstore;
CREATE FUNCTION hstore_in(cstring) RETURNS hstore LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION hstore_out(hstore) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE hstore (INPUT = hstore_in, OUTPUT = hstore_out, INTERNALLENGTH = VARIABLE, STORAGE = extended);
CREATE FUNCTION hstore_lt(hstore, hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text < $2::text; END $$;
CREATE FUNCTION hstore_le(hstore, hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text <= $2::text; END $$;
CREATE FUNCTION hstore_eq(hstore, hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text = $2::text; END $$;
CREATE FUNCTION hstore_ge(hstore, hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text >= $2::text; END $$;
CREATE FUNCTION hstore_gt(hstore, hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text > $2::text; END $$;
CREATE FUNCTION hstore_ne(hstore, hstore) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1::text <> $2::text; END $$;
CREATE FUNCTION hstore_cmp(hstore, hstore) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.bttextcmp($1::text, $2::text); END $$;
CREATE FUNCTION hstore_hash(hstore) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.hashtext($1::text); END $$;
CREATE OPERATOR #<# (FUNCTION = hstore_lt, LEFTARG = hstore, RIGHTARG = hstore, COMMUTATOR = #>#, NEGATOR = #>=#,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR #<=# (FUNCTION = hstore_le, LEFTARG = hstore, RIGHTARG = hstore, COMMUTATOR = #>=#, NEGATOR = #>#,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR = (FUNCTION = hstore_eq, LEFTARG = hstore, RIGHTARG = hstore, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR #>=# (FUNCTION = hstore_ge, LEFTARG = hstore, RIGHTARG = hstore, COMMUTATOR = #<=#, NEGATOR = #<#,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR #># (FUNCTION = hstore_gt, LEFTARG = hstore, RIGHTARG = hstore, COMMUTATOR = #<#, NEGATOR = #<=#,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR <> (FUNCTION = hstore_ne, LEFTARG = hstore, RIGHTARG = hstore, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR CLASS btree_hstore_ops DEFAULT FOR TYPE hstore USING btree AS OPERATOR 1 #<#, OPERATOR 2 #<=#, OPERATOR 3 =,
    OPERATOR 4 #>=#, OPERATOR 5 #>#, FUNCTION 1 hstore_cmp(hstore, hstore);
CREATE OPERATOR CLASS hash_hstore_ops DEFAULT FOR TYPE hstore USING hash AS OPERATOR 1 =, FUNCTION 1 hstore_hash(hstore);
CREATE FUNCTION fetchval(hstore, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION exist(hstore, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN false; END $$;
CREATE OPERATOR -> (FUNCTION = fetchval, LEFTARG = hstore, RIGHTARG = text);
CREATE OPERATOR ? (FUNCTION = exist, LEFTARG = hstore, RIGHTARG = text, RESTRICT = contsel, JOIN = contjoinsel);
CREATE FUNCTION hstore(text, text) RETURNS hstore LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 || '=>' || $2; END $$;
CREATE FUNCTION hstore(record) RETURNS hstore LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ''; END $$;
CREATE FUNCTION hstore_to_json(hstore) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN '{}'; END $$;
CREATE FUNCTION hstore_to_jsonb(hstore) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN '{}'; END $$;
