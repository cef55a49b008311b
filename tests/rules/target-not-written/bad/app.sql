INSERT INTO readings (sensor, value) VALUES ($1, $2)
ON CONFLICT (sensor, taken_at) DO UPDATE SET value = excluded.value;
