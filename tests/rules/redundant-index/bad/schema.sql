CREATE TABLE orders (
    id bigint PRIMARY KEY,
    number text NOT NULL UNIQUE,
    note text
);

CREATE UNIQUE INDEX orders_number_idx ON orders (number);
