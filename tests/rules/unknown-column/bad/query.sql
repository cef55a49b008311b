INSERT INTO accounts (user_id, external_id, page_name) VALUES (1, 'x', 'y')
ON CONFLICT (external_id) DO UPDATE SET user_id = EXCLUDED.user_id;
