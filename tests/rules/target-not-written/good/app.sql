INSERT INTO readings (sensor, value) VALUES ($1, $2)
ON CONFLICT (sensor, day) DO UPDATE SET value = excluded.value;
