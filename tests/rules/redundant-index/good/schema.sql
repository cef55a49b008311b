CREATE TABLE orders (
    id bigint PRIMARY KEY,
    number text NOT NULL UNIQUE,
    note text
);

-- Another guarantee, for fewer rows.
CREATE UNIQUE INDEX orders_noted_idx ON orders (number) WHERE note <> '';
