INSERT INTO accounts (user_id, external_id) VALUES (1, 'x')
ON CONFLICT (user_id) DO NOTHING;
