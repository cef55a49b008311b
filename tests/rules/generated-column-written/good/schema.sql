CREATE TABLE prices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    net integer NOT NULL,
    gross integer GENERATED ALWAYS AS (net * 2) STORED
);
