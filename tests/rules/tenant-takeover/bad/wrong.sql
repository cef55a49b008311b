INSERT INTO members VALUES (1, 'aaaaaaaa-0000-4000-8000-000000000000'), (2, 'bbbbbbbb-0000-4000-8000-000000000000');
INSERT INTO hooks VALUES (1, 'https://example.org/hook', 'of 1');
INSERT INTO hooks (account_id, url, secret) VALUES (2, 'https://example.org/hook', 'of 2')
ON CONFLICT (url) DO UPDATE SET account_id = excluded.account_id, secret = excluded.secret;
CREATE ROLE tenant_takeover;
GRANT SELECT ON hooks, members TO tenant_takeover;
SET ROLE tenant_takeover;
SET "app.user" = 'aaaaaaaa-0000-4000-8000-000000000000';
CREATE TEMPORARY TABLE seen AS SELECT count(*) AS by_the_first FROM hooks;
SET "app.user" = 'bbbbbbbb-0000-4000-8000-000000000000';
CREATE TEMPORARY TABLE got AS SELECT count(*) AS by_the_second FROM hooks;
SELECT by_the_first = 0 AND by_the_second = 1 FROM seen, got;
