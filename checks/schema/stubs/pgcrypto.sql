CREATE FUNCTION gen_random_uuid() RETURNS uuid LANGUAGE plpgsql VOLATILE
    AS $$ BEGIN RETURN pg_catalog.gen_random_uuid(); END $$;
CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT
    AS $$ BEGIN RETURN substring(decode(repeat(md5(random()::text), $1 / 16 + 1), 'hex') FOR $1); END $$;
CREATE FUNCTION digest(text, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN sha256(convert_to($1, 'UTF8')); END $$;
CREATE FUNCTION digest(bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN sha256($1); END $$;
CREATE FUNCTION hmac(text, text, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN sha256(convert_to($2 || $1, 'UTF8')); END $$;
CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN sha256($2 || $1); END $$;
CREATE FUNCTION crypt(text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN md5($2 || $1); END $$;
CREATE FUNCTION gen_salt(text) RETURNS text LANGUAGE plpgsql VOLATILE STRICT
    AS $$ BEGIN RETURN md5(random()::text); END $$;
CREATE FUNCTION gen_salt(text, integer) RETURNS text LANGUAGE plpgsql VOLATILE STRICT
    AS $$ BEGIN RETURN md5(random()::text); END $$;
CREATE FUNCTION encrypt(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION decrypt(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION pgp_sym_encrypt(text, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT
    AS $$ BEGIN RETURN convert_to($1, 'UTF8'); END $$;
CREATE FUNCTION pgp_sym_encrypt(text, text, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT
    AS $$ BEGIN RETURN convert_to($1, 'UTF8'); END $$;
CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN convert_from($1, 'UTF8'); END $$;
CREATE FUNCTION pgp_sym_decrypt(bytea, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN convert_from($1, 'UTF8'); END $$;
CREATE FUNCTION armor(bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN encode($1, 'base64'); END $$;
CREATE FUNCTION dearmor(text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$ BEGIN RETURN decode($1, 'base64'); END $$;
