CREATE TABLE tags (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    colour text
);
-- The same default all day.
CREATE TABLE readings (
    sensor bigint NOT NULL,
    day date NOT NULL DEFAULT CURRENT_DATE,
    value numeric,
    PRIMARY KEY (sensor, day)
);
