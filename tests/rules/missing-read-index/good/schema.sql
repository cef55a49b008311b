CREATE TABLE readings (
    id bigint PRIMARY KEY,
    sensor bigint NOT NULL,
    kind text NOT NULL,
    taken_at timestamptz NOT NULL,
    value numeric,
    UNIQUE (kind, sensor, taken_at)
);
