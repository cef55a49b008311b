INSERT INTO hooks (account_id, url, secret) VALUES (2, 'https://example.org/hook', 'of 2')
ON CONFLICT (url) DO UPDATE SET account_id = excluded.account_id, secret = excluded.secret
WHERE hooks.account_id = excluded.account_id;

INSERT INTO hooks (account_id, url, created_by) VALUES (2, 'https://example.org/hook', NULL)
ON CONFLICT (url) DO UPDATE SET account_id = hooks.account_id, created_by = excluded.created_by;
