INSERT INTO notes (id, body) VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET body = EXCLUDED.body;
