INSERT INTO readings (id, sensor, kind, taken_at, value) VALUES (1, 2, 'heat', '2026-01-01T00:00:00Z', 3)
ON CONFLICT (sensor, kind, taken_at) DO UPDATE SET value = excluded.value;
