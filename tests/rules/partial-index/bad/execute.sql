INSERT INTO installations (location_id, token) VALUES ('l', 't')
ON CONFLICT (location_id) DO UPDATE SET token = EXCLUDED.token;
