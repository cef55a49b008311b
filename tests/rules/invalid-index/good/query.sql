INSERT INTO events (id, region) VALUES (1, 'eu') ON CONFLICT (id, region) DO NOTHING;
