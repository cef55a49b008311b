INSERT INTO installations (location_id, token) VALUES ('l', 't')
ON CONFLICT (location_id) WHERE location_id IS NOT NULL DO UPDATE SET token = EXCLUDED.token;
