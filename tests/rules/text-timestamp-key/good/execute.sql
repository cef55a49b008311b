INSERT INTO insights (account, metric, end_time, value) VALUES (1, 'reach', '2026-01-01T07:00:00Z', 10)
ON CONFLICT (account, metric, end_time) DO UPDATE SET value = excluded.value;

INSERT INTO days (date_key, total) VALUES ('2026-01-01', 10)
ON CONFLICT (date_key) DO UPDATE SET total = excluded.total;
