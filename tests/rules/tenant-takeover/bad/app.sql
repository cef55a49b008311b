INSERT INTO hooks (account_id, url, secret) VALUES (2, 'https://example.org/hook', 'of 2')
ON CONFLICT (url) DO UPDATE SET account_id = excluded.account_id, secret = excluded.secret;
