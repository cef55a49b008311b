INSERT INTO insights (account, metric, end_time, value) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, metric, end_time) DO UPDATE SET value = excluded.value;
