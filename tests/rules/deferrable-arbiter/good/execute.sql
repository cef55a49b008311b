INSERT INTO steps (id, place) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET place = EXCLUDED.place;
