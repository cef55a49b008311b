INSERT INTO members (id, account, email) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET email = excluded.email;
