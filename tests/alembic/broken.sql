-- Rows of all four incidents as the broken state let them in. Users: see users.sql for where they must exist.
INSERT INTO instagram_business_accounts (id, user_id, instagram_business_id, username, name) VALUES
    ('aaaaaaaa-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', '17841400000000001', 'one', 'One'),
    ('aaaaaaaa-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', '17841400000000002', 'two', 'Two'),
    ('aaaaaaaa-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002', '17841400000000003', 'ten', 'Ten');
INSERT INTO instagram_credentials (business_account_id, access_token_encrypted)
    SELECT id, 'sealed ' || username FROM instagram_business_accounts;
INSERT INTO api_usage (business_account_id, endpoint) SELECT id, '/me' FROM instagram_business_accounts;
INSERT INTO api_usage (business_account_id, endpoint) VALUES (NULL, '/oauth');
INSERT INTO automation_workflows (business_account_id, name) SELECT id, 'greet' FROM instagram_business_accounts;
INSERT INTO daily_analytics (business_account_id, day) SELECT id, '2025-01-10' FROM instagram_business_accounts;
INSERT INTO instagram_dm_conversations (business_account_id, instagram_thread_id)
    SELECT id, 'thread ' || username FROM instagram_business_accounts;

-- one participant twice, once with a name and once fetched later without; the same one known to another account;
-- and three times without an account
INSERT INTO instagram_user_cache
    (ig_account_id, ig_user_id, username, name, profile_pic, profile_pic_url, last_fetched_at) VALUES
    ('17841400000000001', '900', 'ann', 'Ann', 'https://cdn/ann', 'https://cdn/ann', '2025-01-01T00:00:00Z'),
    ('17841400000000001', '900', 'ann.b', NULL, NULL, NULL, '2025-01-03T00:00:00Z'),
    ('17841400000000001', '900', NULL, NULL, NULL, NULL, NULL),
    ('17841400000000003', '900', 'ann', 'Ann', NULL, NULL, '2025-01-02T00:00:00Z'),
    ('17841400000000001', '901', 'bob', NULL, NULL, NULL, '2025-01-02T00:00:00Z'),
    (NULL, '900', NULL, NULL, NULL, NULL, '2025-01-04T00:00:00Z'),
    (NULL, '900', NULL, NULL, NULL, NULL, '2025-01-05T00:00:00Z'),
    (NULL, '902', NULL, NULL, NULL, NULL, '2025-01-06T00:00:00Z');
INSERT INTO instagram_conversations (id, location_id, ig_account_id, participant_igsid) VALUES
    ('c1', 'l1', '17841400000000001', '900'), ('c2', 'l1', '17841400000000001', 'UNKNOWN_1'),
    ('c3', 'l1', '17841400000000001', NULL);
INSERT INTO instagram_messages (id, conversation_id, from_id, to_id, text) VALUES
    ('m1', 'c1', '900', '17841400000000001', 'hello'), ('m2', 'c1', '17841400000000001', '900', 'welcome');

-- one instant in three spellings, a text without a zone, and two that are no timestamps
INSERT INTO instagram_insights (user_id, ig_account_id, metric, value, end_time, fetched_at) VALUES
    ('00000000-0000-4000-8000-000000000001', '17841400000000001', 'reach', 10, '2025-01-10T08:00:00+0000',
     '2025-01-10T09:00:00Z'),
    ('00000000-0000-4000-8000-000000000001', '17841400000000001', 'reach', 12, '2025-01-10T08:00:00Z',
     '2025-01-10T12:00:00Z'),
    ('00000000-0000-4000-8000-000000000001', '17841400000000001', 'reach', 11, '2025-01-10T00:00:00-08:00',
     '2025-01-10T10:00:00Z'),
    ('00000000-0000-4000-8000-000000000001', '17841400000000001', 'reach', 7, '2025-01-11T08:00:00',
     '2025-01-11T09:00:00Z'),
    ('00000000-0000-4000-8000-000000000002', '17841400000000003', 'reach', 3, '2025-01-10T08:00:00Z',
     '2025-01-10T09:00:00Z'),
    ('00000000-0000-4000-8000-000000000002', '17841400000000003', 'reach', 4, 'yesterday', '2025-01-10T09:00:00Z'),
    ('00000000-0000-4000-8000-000000000002', '17841400000000003', 'follower_count', 5, 'n/a', '2025-01-10T09:00:00Z');
INSERT INTO user_tokens (user_id, ig_account_id, access_token, expires_at) VALUES
    ('00000000-0000-4000-8000-000000000001', '17841400000000001', 'sealed', '2025-03-01T00:00:00Z'),
    ('00000000-0000-4000-8000-000000000002', '17841400000000003', 'sealed', '2025-03-01T00:00:00Z');
INSERT INTO instagram_sync_logs (ig_account_id, status, stored) VALUES
    ('17841400000000001', 'done', 4), ('17841400000000003', 'done', 2);

-- two locations, two agencies, and a location of an agency that is there too
INSERT INTO hl_installations (location_id, company_id, access_token, refresh_token, expires_at) VALUES
    ('l1', NULL, 'sealed', 'sealed', '2025-03-01T00:00:00Z'), ('l2', NULL, 'sealed', 'sealed', '2025-03-01T00:00:00Z'),
    (NULL, 'k1', 'sealed', 'sealed', '2025-03-01T00:00:00Z'), (NULL, 'k2', 'sealed', 'sealed', '2025-03-01T00:00:00Z'),
    ('l3', 'k3', 'sealed', 'sealed', '2025-03-01T00:00:00Z');
INSERT INTO oauth_codes (code) VALUES ('used');
