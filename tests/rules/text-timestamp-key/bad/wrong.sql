INSERT INTO insights VALUES (1, 'reach', '2026-01-01T07:00:00+0000', 10);
INSERT INTO insights VALUES (1, 'reach', '2026-01-01T07:00:00Z', 10)
ON CONFLICT (account, metric, end_time) DO UPDATE SET value = excluded.value;
SELECT count(*) = 2 AND count(DISTINCT end_time::timestamptz) = 1 FROM insights;
