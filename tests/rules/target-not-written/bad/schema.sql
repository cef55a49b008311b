CREATE TABLE tags (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    colour text
);
CREATE TABLE readings (
    sensor bigint NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    value numeric,
    PRIMARY KEY (sensor, taken_at)
);
