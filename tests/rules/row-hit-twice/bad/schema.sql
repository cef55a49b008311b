CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    total numeric NOT NULL
);

CREATE TABLE last_orders (
    customer text PRIMARY KEY,
    total numeric NOT NULL
);
