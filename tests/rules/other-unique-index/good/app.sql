INSERT INTO members (account, email) VALUES (7, 'a@example.org')
ON CONFLICT (account, email) DO UPDATE SET email = excluded.email;

INSERT INTO members (account, email) VALUES (7, 'a@example.org')
ON CONFLICT DO NOTHING;
