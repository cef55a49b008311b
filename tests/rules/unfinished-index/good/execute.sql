INSERT INTO members (account) VALUES (1) ON CONFLICT (account) DO NOTHING;
