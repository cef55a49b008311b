CREATE TABLE counters (name text PRIMARY KEY, hits bigint NOT NULL DEFAULT 1);
