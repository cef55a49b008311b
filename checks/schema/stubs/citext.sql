CREATE TYPE citext;
CREATE FUNCTION citextin(cstring) RETURNS citext LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION citextout(citext) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE citext (INPUT = citextin, OUTPUT = citextout, INTERNALLENGTH = VARIABLE, STORAGE = extended, CATEGORY = 'S', COLLATABLE = true);
CREATE FUNCTION citext_lt(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.lower($1::text) < pg_catalog.lower($2::text); END $$;
CREATE FUNCTION citext_le(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.lower($1::text) <= pg_catalog.lower($2::text); END $$;
CREATE FUNCTION citext_eq(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.lower($1::text) = pg_catalog.lower($2::text); END $$;
CREATE FUNCTION citext_ge(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.lower($1::text) >= pg_catalog.lower($2::text); END $$;
CREATE FUNCTION citext_gt(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.lower($1::text) > pg_catalog.lower($2::text); END $$;
CREATE FUNCTION citext_ne(citext, citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.lower($1::text) <> pg_catalog.lower($2::text); END $$;
CREATE FUNCTION citext_cmp(citext, citext) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.bttextcmp(pg_catalog.lower($1::text), pg_catalog.lower($2::text)); END $$;
CREATE FUNCTION citext_hash(citext) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN pg_catalog.hashtext(pg_catalog.lower($1::text)); END $$;
CREATE OPERATOR < (FUNCTION = citext_lt, LEFTARG = citext, RIGHTARG = citext, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (FUNCTION = citext_le, LEFTARG = citext, RIGHTARG = citext, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR = (FUNCTION = citext_eq, LEFTARG = citext, RIGHTARG = citext, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR >= (FUNCTION = citext_ge, LEFTARG = citext, RIGHTARG = citext, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR > (FUNCTION = citext_gt, LEFTARG = citext, RIGHTARG = citext, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR <> (FUNCTION = citext_ne, LEFTARG = citext, RIGHTARG = citext, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR CLASS citext_ops DEFAULT FOR TYPE citext USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 citext_cmp(citext, citext);
CREATE OPERATOR CLASS citext_ops DEFAULT FOR TYPE citext USING hash AS OPERATOR 1 =, FUNCTION 1 citext_hash(citext);
CREATE CAST (citext AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (citext AS varchar) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (citext AS bpchar) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (text AS citext) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (varchar AS citext) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE FUNCTION citext(bpchar) RETURNS citext LANGUAGE internal IMMUTABLE STRICT AS 'rtrim1';
CREATE FUNCTION citext(boolean) RETURNS citext LANGUAGE internal IMMUTABLE STRICT AS 'booltext';
CREATE FUNCTION citext(inet) RETURNS citext LANGUAGE internal IMMUTABLE STRICT AS 'network_show';
CREATE CAST (bpchar AS citext) WITH FUNCTION citext(bpchar) AS ASSIGNMENT;
CREATE CAST (boolean AS citext) WITH FUNCTION citext(boolean) AS ASSIGNMENT;
CREATE CAST (inet AS citext) WITH FUNCTION citext(inet) AS ASSIGNMENT;
