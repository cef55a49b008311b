CREATE FUNCTION uuid_generate_v7() RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$ BEGIN RETURN gen_random_uuid(); END $$;
