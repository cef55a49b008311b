CREATE TABLE contacts (
    id bigint PRIMARY KEY,
    name text,
    note text
);
