INSERT INTO accounts (id, external_id) VALUES (1, 'a') ON CONFLICT (external_id) DO NOTHING;
