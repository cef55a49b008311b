INSERT INTO account (user_id, external_id) VALUES (1, 'x')
ON CONFLICT (external_id) DO UPDATE SET user_id = EXCLUDED.user_id;
