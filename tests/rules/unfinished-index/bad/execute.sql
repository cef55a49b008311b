INSERT INTO members (account, email) VALUES (1, 'a@example.org');
INSERT INTO members (account, email) VALUES (2, 'a@example.org') ON CONFLICT (account) DO NOTHING;
