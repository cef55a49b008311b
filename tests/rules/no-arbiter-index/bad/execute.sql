INSERT INTO accounts (user_id, external_id) VALUES (1, 'x')
ON CONFLICT (user_id, external_id) DO UPDATE SET external_id = EXCLUDED.external_id;
