INSERT INTO members (id, account, email) VALUES (1, 7, 'a@example.org');
INSERT INTO members (id, account, email) VALUES (2, 7, 'a@example.org')
ON CONFLICT (id) DO UPDATE SET email = excluded.email;
