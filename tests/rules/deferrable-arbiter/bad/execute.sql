INSERT INTO steps (id, place) VALUES (1, 1) ON CONFLICT (place) DO UPDATE SET id = EXCLUDED.id;
