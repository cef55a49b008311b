INSERT INTO counters (name) VALUES ('a') ON CONFLICT DO UPDATE SET hits = counters.hits + 1;
