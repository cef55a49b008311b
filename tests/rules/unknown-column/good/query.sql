INSERT INTO accounts (user_id, external_id, name) VALUES (1, 'x', 'y')
ON CONFLICT (external_id) DO UPDATE SET user_id = EXCLUDED.user_id;
