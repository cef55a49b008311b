INSERT INTO accounts (user_id, external_id) VALUES (1, 'x')
ON CONFLICT (external_id, user_id) DO UPDATE SET external_id = EXCLUDED.external_id;
