INSERT INTO counters (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET hits = counters.hits + 1;
