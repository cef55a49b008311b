CREATE FUNCTION count_hit(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters (name) VALUES (name)
    ON CONFLICT (name) DO UPDATE SET hits = counters.hits + 1;
END
$$;
SELECT count_hit('a');
