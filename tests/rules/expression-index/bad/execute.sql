INSERT INTO users (email, name) VALUES ('A@b.c', 'a') ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name;
