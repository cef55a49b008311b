INSERT INTO installations (location_id, token) VALUES ('l', 't')
ON CONFLICT ("location_id") DO UPDATE SET location_id = EXCLUDED.location_id, token = EXCLUDED.token;
