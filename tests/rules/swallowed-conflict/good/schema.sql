CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text NOT NULL UNIQUE,
    email text UNIQUE
);
-- Who is equal here has the same external id.
CREATE UNIQUE INDEX ON customers (external_id, email);
