INSERT INTO user_cache (account_id, user_id, username) VALUES ($1, $2, $3)
ON CONFLICT (account_id, user_id) DO UPDATE SET username = EXCLUDED.username;
