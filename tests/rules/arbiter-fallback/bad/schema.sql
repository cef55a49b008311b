CREATE TABLE installations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    location_id text NOT NULL,
    company_id text,
    token text NOT NULL
);

CREATE UNIQUE INDEX installations_location_key ON installations (location_id);
