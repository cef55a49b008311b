INSERT INTO readings (sensor, value) VALUES (1, 2)
ON CONFLICT (sensor, taken_at) DO UPDATE SET value = excluded.value;
INSERT INTO readings (sensor, value) VALUES (1, 3)
ON CONFLICT (sensor, taken_at) DO UPDATE SET value = excluded.value;
SELECT count(*) = 2 FROM readings;
