INSERT INTO users (email, name) VALUES ('a@b.c', 'a')
ON CONFLICT ON CONSTRAINT users_email_key DO UPDATE SET name = EXCLUDED.name;
