CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    state text NOT NULL
);
CREATE UNIQUE INDEX jobs_one_active ON jobs (queue) WHERE state = 'active';
